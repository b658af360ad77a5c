"""Error pages: an incident id for whoever reports it, never a trace (ASVS 5.0 16.5.1, CWE-209).

They stand in only where the application has no error handler of its own.
"""

from __future__ import annotations

import json
import logging
import secrets
import traceback
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING, Any

from flask import Flask, Request, Response, g, has_request_context, request
from werkzeug.exceptions import HTTPException, InternalServerError, SecurityError
from werkzeug.http import HTTP_STATUS_CODES
from werkzeug.routing.exceptions import RoutingException

from fumehood.practices.access.declarations import public
from fumehood.practices.interface import Refusal

if TYPE_CHECKING:
    from fumehood.practices.interface import Installation

__all__ = ["STYLE_PATH", "incident_of", "install"]

_log = logging.getLogger("fumehood.errors")

STYLE_PATH = "/_fumehood/error.css"

_SENTENCES = {
    400: "The request could not be understood.",
    401: "Please sign in first.",
    403: "You may not do this.",
    404: "There is nothing at this address.",
    405: "This address does not answer to that kind of request.",
    408: "The request took too long to arrive.",
    409: "Something else has changed in the meantime. Load the page again.",
    410: "What was here has been removed.",
    413: "What you sent is too large.",
    414: "The address is too long.",
    415: "This kind of content is not accepted here.",
    421: "This server does not answer for that name.",
    422: "What you sent is not complete or not valid.",
    429: "Too many requests. Wait a little and try again.",
    431: "The headers of the request are too large.",
    500: "Something went wrong on our side. It has been recorded.",
    503: "The service is not available at the moment. Try again later.",
    507: "There is no room to store that at the moment. Try again later.",
}

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>{title}</title>
<link rel="stylesheet" href="{style}">
</head>
<body>
<main>
<p class="code" aria-hidden="true">{code}</p>
<h1>{title}</h1>
<p>{detail}</p>
<p><a href="{home}">Go to the start page</a></p>
<p class="incident">Incident <code>{incident}</code></p>
</main>
</body>
</html>
"""

_STYLE = """:root{color-scheme:light dark;font:100%/1.6 system-ui,sans-serif}
body{margin:0;min-height:100vh;display:grid;place-items:center;background:Canvas;color:CanvasText}
main{max-width:34rem;padding:2rem}
h1{margin:0 0 1rem;font-size:1.6rem;line-height:1.25}
.code{margin:0;font-weight:600;opacity:.75}
.incident{margin-top:2rem;padding-top:1rem;border-top:1px solid color-mix(in srgb,CanvasText 25%,Canvas);font-size:.9rem}
code{font-family:ui-monospace,monospace;overflow-wrap:anywhere}
a:focus-visible{outline:3px solid Highlight;outline-offset:3px}
"""


def install(app: Flask, installation: Installation) -> None:
    """Give an application its error pages and their style sheet."""

    @public
    def style() -> Response:
        return Response(_STYLE, mimetype="text/css", headers={"Cache-Control": "public, max-age=86400"})

    app.add_url_rule(STYLE_PATH, "fumehood_error_style", style, methods=["GET"])

    # Around Flask's own, and not as an error handler: one for HTTPException would come before an application's for Exception.
    http, unhandled = app.handle_http_exception, app.handle_exception

    def handle_http_exception(error: HTTPException) -> Any:
        _mark(error)
        if type(request.routing_exception) is SecurityError and error.code:
            # By an unknown host no address can be made: an application's own page would fail at its first link.
            return _page(app, error, error.incident)  # type: ignore[attr-defined]
        answer = http(error)
        if (
            answer is not error
            or error.code is None
            or error.code < 400
            or isinstance(error, RoutingException)
        ):
            return answer
        return answer if error.response is not None else _page(app, error, error.incident)  # type: ignore[attr-defined]

    def handle_exception(error: Exception) -> Response:
        g.fumehood_incident = incident = secrets.token_hex(8)
        try:
            response = unhandled(error)
        except BaseException:
            # Propagated: to the debugger, to a test, or to the server, and only there it would be lost.
            if not (app.debug or app.testing):
                _record(installation, error, incident)
            raise
        _record(installation, error, incident)
        stands_in = InternalServerError(original_exception=error)
        if app._find_error_handler(stands_in, request.blueprints) is None:
            page = _page(app, stands_in, incident)
            response.set_data(page.get_data())
            response.content_type = page.content_type
        return response

    def log_exception(exc_info: Any) -> None:
        # As Flask's own, with the id, and with the path as a literal: it comes decoded, line breaks and all.
        incident = g.get("fumehood_incident", "")
        app.logger.error(
            "Incident %s: exception on %r [%s]", incident, request.path, request.method, exc_info=exc_info
        )

    app.handle_http_exception = handle_http_exception  # type: ignore[method-assign, assignment]
    app.handle_exception = handle_exception  # type: ignore[method-assign, assignment]
    if type(app).log_exception is Flask.log_exception:
        app.log_exception = log_exception  # type: ignore[method-assign]


def incident_of(error: BaseException) -> str:
    """Return the incident id of an error, for an application's own error handlers; "" when it has none."""
    found: str = getattr(error, "incident", "")
    if not found and has_request_context():
        found = g.get("fumehood_incident", "")
    return found


def _mark(error: HTTPException) -> None:
    if not hasattr(error, "incident"):
        error.incident = incident = secrets.token_hex(8)  # type: ignore[attr-defined]
        if _log.isEnabledFor(logging.INFO):
            _log.info("Incident %s: %s on %r [%s]", incident, error.code, request.path, request.method)


def _record(installation: Installation, error: Exception, incident: str) -> None:
    """Journal an unhandled exception: what and where. Its message stays out: it may hold anything."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f"{frames[-1].filename}:{frames[-1].lineno} in {frames[-1].name}" if frames else ""
    installation.record("error.unhandled", incident=incident, reason=type(error).__qualname__, where=where)


def _page(app: Flask, error: HTTPException, incident: str) -> Response:
    code = error.code or 500
    title = HTTP_STATUS_CODES.get(code, "Error")
    detail = _detail(error, code)
    if _prefers_json(request):
        problem: dict[str, Any] = {
            "type": "about:blank",
            "title": title,
            "status": code,
            "detail": detail,
            "incident": incident,
        }
        more = getattr(error, "problem", None)
        if isinstance(more, dict):
            problem |= more
        body, content_type = json.dumps(problem), "application/problem+json"
    else:
        before, after = _halves(code, title, detail, request.script_root)
        body, content_type = f"{before}{incident}{after}", "text/html; charset=utf-8"
    headers = {"Content-Type": content_type, "Cache-Control": "no-store"}
    response: Response = app.response_class(body, code, headers)
    if type(error).get_headers is not HTTPException.get_headers:
        for name, value in error.get_headers(request.environ):
            if name.lower() not in {"content-type", "cache-control"}:
                response.headers.add(name, value)
    return response


@lru_cache(maxsize=64)
def _halves(code: int, title: str, detail: str, root: str) -> tuple[str, str]:
    """Return what stands before and after the incident id: the same for every error of a kind."""
    page = _PAGE.format(
        title=escape(title),
        code=code,
        detail=escape(detail),
        incident="\0",
        home=f"{escape(root)}/",
        style=escape(root) + STYLE_PATH,
    )
    before, _, after = page.rpartition("\0")
    return before, after


def _detail(error: HTTPException, code: int) -> str:
    """Return the sentence for the person: what the application said for a 4xx, never for a 5xx, where it says too much."""
    if isinstance(error, Refusal):
        return error.hint or _SENTENCES.get(code, "This request was refused.")
    said = error.description
    if code < 500 and isinstance(said, str) and said != type(error).description and len(said) <= 500:
        return said
    return _SENTENCES.get(code) or f"The request was answered with {HTTP_STATUS_CODES.get(code, 'an error')}."


def _prefers_json(request: Request) -> bool:
    if "json" not in request.environ.get("HTTP_ACCEPT", "") and not request.environ.get("CONTENT_TYPE"):
        return False  # without a word of JSON it cannot win; spares parsing the header for every 404
    accept = request.environ.get("HTTP_ACCEPT", "")
    if "json" not in accept:
        return "html" not in accept and request.is_json
    accepts = request.accept_mimetypes
    html = max(accepts["text/html"], accepts["application/xhtml+xml"])
    of_json = max(accepts["application/json"], accepts["application/problem+json"])
    return of_json > html or (of_json == html and request.is_json)
