"""An S3 server (moto's) on a free loopback port, in a process of its own."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any

import pytest

from servers.process import free_port, listening, lose, running, temporary_folder

REGION = "us-east-1"


@pytest.fixture(scope="session")
def s3_endpoint() -> Iterator[str]:
    """The address of the S3 server. Its credentials (any do) are in the environment while the session lasts."""
    if find_spec("moto") is None or find_spec("boto3") is None:
        lose("moto", "install the dev group, `make test` does")
    port = free_port()
    command = [sys.executable, "-W", "ignore", "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with (
        temporary_folder("s3") as folder,
        running(command, folder=folder, ready=lambda: listening(port)),
        pytest.MonkeyPatch.context() as environment,
    ):
        environment.setenv("AWS_ACCESS_KEY_ID", "testing")
        environment.setenv("AWS_SECRET_ACCESS_KEY", "testing")
        environment.setenv("AWS_EC2_METADATA_DISABLED", "true")
        for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN"):
            environment.delenv(name, raising=False)
        environment.setenv("AWS_CONFIG_FILE", os.devnull)
        environment.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
        yield f"http://127.0.0.1:{port}"


@pytest.fixture(scope="session")
def s3_client(s3_endpoint: str) -> Any:
    """A boto3 client of the S3 server, to arrange and to look."""
    import boto3

    return boto3.client("s3", endpoint_url=s3_endpoint, region_name=REGION)


def _private_bucket(client: Any) -> str:
    """Made as Amazon makes buckets: all public access blocked."""
    bucket = f"fumehood-{secrets.token_hex(6)}"
    client.create_bucket(Bucket=bucket)
    block = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
    client.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=dict.fromkeys(block, True))
    return bucket


@pytest.fixture(scope="session")
def s3_url(s3_endpoint: str, s3_client: Any) -> str:
    """``s3://bucket?endpoint=...&region=...`` of a private bucket that all tests of the session share."""
    return f"s3://{_private_bucket(s3_client)}?endpoint={s3_endpoint}&region={REGION}"


@pytest.fixture
def fresh_s3_url(s3_endpoint: str, s3_client: Any) -> str:
    """The same for an empty private bucket."""
    return f"s3://{_private_bucket(s3_client)}?endpoint={s3_endpoint}&region={REGION}"
