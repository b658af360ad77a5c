"""How much of anything a request may bring."""

from __future__ import annotations

from io import BytesIO
from typing import IO, TYPE_CHECKING, Any

from flask import Flask
from werkzeug.exceptions import RequestEntityTooLarge

from fumehood.practices.interface import refuse

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment
    from flask import Request

    from fumehood.settings import Settings

__all__ = ["insist_on_depth", "limit_requests", "too_many_headers"]

_OTHER_THAN_BRACKETS = bytes(byte for byte in range(256) if byte not in b"[]{}")
_SQUARE = bytes.maketrans(b"{}", b"[]")


def insist_on_depth(content: bytes, deepest: int) -> None:
    """Refuse JSON that is nested more deeply than a parser can follow, at the speed of a few searches.

    Takes the strings out, then ``deepest`` times the innermost pairs of brackets; if brackets are left, it was deeper or they did not match.

    Parameters:
        content: JSON in UTF-8.
        deepest: how many levels are allowed.

    Raises:
        ValueError: when it is deeper, or is not UTF-8 (CWE-674).
    """
    if content.count(b"[") + content.count(b"{") <= deepest and b"\0" not in content:
        return
    if b"\0" in content:
        raise ValueError("JSON is UTF-8 (RFC 8259, section 8.1)")
    if b"\\" in content:
        content = content.replace(rb"\\", b"").replace(rb"\"", b"")
    # Between the first quote and the second is a string, and so on: every other piece is outside.
    outside = b"".join(content.split(b'"')[::2])
    brackets = outside.translate(_SQUARE, _OTHER_THAN_BRACKETS)
    for _ in range(deepest):
        if not brackets:
            return
        brackets = brackets.replace(b"[]", b"")
    if brackets:
        raise ValueError(f"JSON is nested deeper than {deepest} levels, or its brackets do not match")


def too_many_headers(environ: WSGIEnvironment, most: int, longest: int) -> bool:
    """Tell whether a request has more headers than ``most``, or one longer than ``longest`` characters."""
    if len(environ) > most and sum(name.startswith("HTTP_") for name in environ) > most:
        return True
    for value in environ.values():  # noqa: SIM110  (half the time of any())
        if value.__class__ is str and len(value) > longest:
            return True
    return False


def limit_requests(app: Flask, settings: Settings) -> None:
    """Give the application's requests the limits that Flask knows but does not set, and those that it does not know."""
    if app.config["MAX_CONTENT_LENGTH"] is None:
        app.config["MAX_CONTENT_LENGTH"] = settings.max_body_bytes
    app.request_class = _limited(app.request_class, settings.max_json_bytes, settings.max_json_depth)


def _limited(base: type[Request], json_bytes: int, json_depth: int) -> type[Request]:
    """Return the request class with a look at JSON and forms before they are parsed; other requests pay nothing."""
    parser_class = base.form_data_parser_class

    class LimitedJson:
        """Stands before the application's JSON provider, for requests only."""

        def __init__(self, provider: Any) -> None:
            self.dumps = provider.dumps
            self._loads = provider.loads

        def loads(self, content: bytes, **options: Any) -> Any:
            if len(content) > json_bytes:
                raise RequestEntityTooLarge(f"Send JSON of at most {json_bytes} bytes.")
            try:
                insist_on_depth(content, json_depth)
            except ValueError as error:
                refuse("input", "JSON that is nested too deeply or not UTF-8", 400, hint=f"{error}.")
            return self._loads(content, **options)

    class LimitedParser(parser_class):  # type: ignore[misc, valid-type]
        def _parse_urlencoded(
            self, stream: IO[bytes], mimetype: str, content_length: int | None, options: dict[str, str]
        ) -> Any:
            # Flask's MAX_FORM_PARTS counts the parts of multipart forms only (CWE-770).
            content = stream.read()
            if content_length is None:
                stream.read(1)  # at the limit of such a body, only the next byte makes Werkzeug refuse it
            if self.max_form_parts is not None and content.count(b"&") >= self.max_form_parts:
                raise RequestEntityTooLarge(f"Send a form of at most {self.max_form_parts} fields.")
            return super()._parse_urlencoded(BytesIO(content), mimetype, content_length, options)

    class LimitedRequest(base):  # type: ignore[misc, valid-type]
        form_data_parser_class = LimitedParser

        def get_data(self, *args: Any, **options: Any) -> Any:
            content = super().get_data(*args, **options)
            limit = self.max_content_length
            if limit is not None and len(content) >= limit and self.content_length is None:
                # A chunked body, cut at the limit: half a message must not pass for a whole one.
                raise RequestEntityTooLarge
            return content

        @property
        def json_module(self) -> Any:
            return LimitedJson(self._json_provider)

        @json_module.setter
        def json_module(self, provider: Any) -> None:
            # Flask gives each request its application's provider.
            self._json_provider = provider

    LimitedRequest.__name__, LimitedRequest.__qualname__ = base.__name__, base.__qualname__
    return LimitedRequest
