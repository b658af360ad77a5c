"""Uploads in Amazon S3, or in what speaks its language (MinIO, Ceph, R2 ...): private, encrypted, by links that end soon."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from typing import Any, BinaryIO, cast
from urllib.parse import SplitResult, parse_qs

from werkzeug.http import dump_options_header

from fumehood.practices.uploads.interface import UploadStoreBroken
from fumehood.settings import ConfigurationError

__all__ = ["S3"]

logger = logging.getLogger(__name__)

_KNOWN = {"endpoint", "region", "kms", "sse"}
_EVERYBODY = (
    "http://acs.amazonaws.com/groups/global/AllUsers",
    "http://acs.amazonaws.com/groups/global/AuthenticatedUsers",
)
# What a store says that does not know a question, or a role that may not ask it.
_SILENT = {"AccessDenied", "MethodNotAllowed", "NotImplemented", "NotSupported", "501", "405", "403"}


class S3:
    """A bucket, or a prefix in one.

    Parameters:
        parts: ``s3://bucket/prefix?endpoint=https://...&region=...&kms=key-id&sse=none``. Credentials come as boto3 finds them: environment,
            profile, role of the machine. ``sse=none`` leaves encryption to a store that has none of its own.

    Raises:
        ConfigurationError: when the bucket cannot be reached, or others can read it.
    """

    def __init__(self, parts: SplitResult) -> None:
        options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        if not parts.netloc or "@" in parts.netloc or set(options) - _KNOWN:
            raise ConfigurationError(
                "FUMEHOOD_UPLOADS_URL must be s3://bucket/prefix?endpoint=...&region=...&kms=..., without credentials:"
                " boto3 finds those in its environment variables, profile or role."
            )
        try:
            import boto3
            from botocore.config import Config
        except ImportError:
            raise ConfigurationError(
                "FUMEHOOD_UPLOADS_URL is in S3, and boto3 is missing: pip install 'fumehood[s3]'"
            ) from None
        endpoint = options.get("endpoint")
        self.bucket = parts.netloc
        self._prefix = f"{parts.path.strip('/')}/" if parts.path.strip("/") else ""
        self._extra = _encryption(options)
        config = Config(
            signature_version="s3v4",
            connect_timeout=5,
            read_timeout=30,
            retries={"max_attempts": 3, "mode": "standard"},
            s3={"addressing_style": "path" if endpoint else "auto"},
        )
        self._client: Any = boto3.client(
            "s3", endpoint_url=endpoint, region_name=options.get("region"), config=config
        )
        self._insist_on_private()

    def put(self, key: str, content: BinaryIO, content_type: str) -> None:
        from boto3.exceptions import Boto3Error
        from boto3.s3.transfer import TransferConfig
        from botocore.exceptions import BotoCoreError, ClientError

        extra = {**self._extra, "ContentType": content_type, "CacheControl": "private, no-store"}
        try:
            # In parts when it is large; an upload that breaks off leaves no object.
            self._client.upload_fileobj(
                _Kept(content),
                self.bucket,
                self._prefix + key,
                ExtraArgs=extra,
                Config=TransferConfig(use_threads=False),
            )
        except (BotoCoreError, ClientError, Boto3Error) as error:
            raise UploadStoreBroken(f"S3: {type(error).__name__}: {_code(error)}") from error

    def open(self, key: str) -> BinaryIO:
        from botocore.exceptions import ClientError

        try:
            head = self._client.head_object(Bucket=self.bucket, Key=self._prefix + key)
        except ClientError as error:
            if _code(error) in {"404", "NoSuchKey"}:
                raise FileNotFoundError(key) from None
            raise
        reader = _Ranged(self._client, self.bucket, self._prefix + key, head["ContentLength"])
        return cast("BinaryIO", io.BufferedReader(reader, 256 * 1024))

    def delete(self, key: str) -> None:
        self._client.delete_object(Bucket=self.bucket, Key=self._prefix + key)

    def keys(self, older_than: float) -> Iterator[str]:
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self.bucket, Prefix=self._prefix
        )
        for page in pages:
            for entry in page.get("Contents", ()):
                if entry["LastModified"].timestamp() < older_than:
                    yield entry["Key"].removeprefix(self._prefix)

    def link(self, key: str, *, name: str, content_type: str, seconds: int) -> str | None:
        address: str = self._client.generate_presigned_url(
            "get_object",
            Params={
                "Bucket": self.bucket,
                "Key": self._prefix + key,
                "ResponseContentType": content_type,
                "ResponseContentDisposition": _attachment(name),
                "ResponseCacheControl": "private, no-store",
            },
            ExpiresIn=seconds,
        )
        return address

    def _insist_on_private(self) -> None:
        """Ask the bucket in three ways whether it is open to everybody (CWE-732)."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            self._client.head_bucket(Bucket=self.bucket)
        except (BotoCoreError, ClientError) as error:
            raise ConfigurationError(
                f"The bucket {self.bucket} of FUMEHOOD_UPLOADS_URL cannot be used ({type(error).__name__}: {_code(error)})."
                " Check its name, region and endpoint, and that the application's credentials may read and write in it."
            ) from error
        block = self._ask(self._client.get_public_access_block, "PublicAccessBlockConfiguration") or {}
        blocked = {name for name, on in block.items() if on}
        if not {"BlockPublicPolicy", "RestrictPublicBuckets"} & blocked:
            policy = self._ask(self._client.get_bucket_policy_status, "PolicyStatus")
            if policy and policy.get("IsPublic"):
                self._public("its policy lets everybody in")
        if "IgnorePublicAcls" not in blocked:
            grants = self._ask(self._client.get_bucket_acl, "Grants") or []
            if any(grant.get("Grantee", {}).get("URI") in _EVERYBODY for grant in grants):
                self._public("its access list lets everybody in")

    def _public(self, why: str) -> None:
        raise ConfigurationError(
            f"The bucket {self.bucket} of FUMEHOOD_UPLOADS_URL is public: {why}. Turn on 'Block all public access' for it."
        )

    def _ask(self, question: Any, part: str) -> Any:
        from botocore.exceptions import ClientError

        try:
            return question(Bucket=self.bucket)[part]
        except ClientError as error:
            if _code(error) in _SILENT:
                logger.warning(
                    "The bucket %s does not say whether it is public (%s: %s); allow s3:GetBucketPublicAccessBlock,"
                    " s3:GetBucketPolicyStatus and s3:GetBucketAcl to have it checked.",
                    self.bucket,
                    part,
                    _code(error),
                )
            # Else it has no such policy or block at all.
            return None


class _Kept(io.BufferedIOBase):
    """Hands a stream to boto3, which closes what it was given."""

    def __init__(self, content: BinaryIO) -> None:
        self._content = content

    def read(self, size: int | None = -1, /) -> bytes:
        return self._content.read(-1 if size is None else size)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        """No: it is read once, from its beginning, for its checksum is made on the way."""
        return False


class _Ranged(io.RawIOBase):
    """Reads an object in ranges as it is asked, so that a part can be sent without fetching the whole."""

    def __init__(self, client: Any, bucket: str, key: str, size: int) -> None:
        self._client, self._bucket, self._key, self._size = client, bucket, key, size
        self._at = 0
        self._body: Any = None

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = 0, /) -> int:
        at = {0: 0, 1: self._at, 2: self._size}[whence] + offset
        if at != self._at:
            self._at = max(0, at)
            self._drop()
        return self._at

    def readinto(self, buffer: Any, /) -> int:
        if self._at >= self._size:
            return 0
        if self._body is None:
            answer = self._client.get_object(Bucket=self._bucket, Key=self._key, Range=f"bytes={self._at}-")
            self._body = answer["Body"]
        found = self._body.read(len(buffer))
        buffer[: len(found)] = found
        self._at += len(found)
        return len(found)

    def close(self) -> None:
        self._drop()
        super().close()

    def _drop(self) -> None:
        if self._body is not None:
            self._body.close()
            self._body = None


def _encryption(options: dict[str, str]) -> dict[str, str]:
    if options.get("sse") == "none":
        return {}
    if key := options.get("kms"):
        return {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key}
    return {"ServerSideEncryption": "AES256"}


def _attachment(name: str) -> str:
    from urllib.parse import quote

    plain = name.encode("ascii", "replace").decode().replace("?", "_")
    return (
        dump_options_header("attachment", {"filename": plain}) + f"; filename*=UTF-8''{quote(name, safe='')}"
    )


def _code(error: Exception) -> str:
    response = getattr(error, "response", None)
    return (
        str(response.get("Error", {}).get("Code", "")) if isinstance(response, dict) else type(error).__name__
    )
