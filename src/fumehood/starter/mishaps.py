"""Error pages in the look of all others. Programs get the hood's problem details (RFC 9457)."""

from __future__ import annotations

from flask import Flask, g, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException, SecurityError
from werkzeug.routing.exceptions import RoutingException

from fumehood import current_person

__all__ = ["init_app"]

_WORDS = {
    400: (
        "That could not be understood",
        "Something in the request was not as it should be. Go back and try again.",
    ),
    401: ("Please sign in", "Sign in first, then open this page again."),
    403: ("Not for you", "Your role, or the note's owner, does not allow this."),
    404: ("Nothing here", "The page does not exist, or it is a note that is not shared with you."),
    405: ("That does not work this way", "This address does not take that kind of request."),
    409: ("Somebody was faster", "This has changed meanwhile. Load the page again."),
    413: ("Too big", "What you sent is larger than this notebook takes."),
    429: ("Too fast", "Wait a little, then try again."),
    500: ("That was our fault", "Something went wrong here. It is recorded; nothing you did caused it."),
}

_NO_ROLE = ("Nearly there", "An administrator of the lab has to let you in first.")


def init_app(app: Flask) -> None:
    """Show errors to people as pages."""
    app.register_error_handler(HTTPException, _answer)


def _answer(error: HTTPException) -> ResponseReturnValue | HTTPException:
    code = error.code or 500
    if isinstance(request.routing_exception, SecurityError):
        # For another host's name there are no addresses to link to: the hood's own page has to do.
        return error
    if isinstance(error, RoutingException) or code < 400 or error.response is not None or _program():
        return error
    heading, sentence = _WORDS.get(code, (error.name, ""))
    # A page about a broken database must not ask the database who is looking at it.
    person = current_person() if code < 500 else None
    said = getattr(error, "hint", "") or (error.description if code == 409 else "")
    if code == 403 and person is not None and not person.permissions:
        heading, said = _NO_ROLE
    page = render_template(
        "error.html", code=code, heading=heading, sentence=said or sentence, unsure=True,
        person=person,
        incident=getattr(error, "incident", "") or g.get("fumehood_incident", ""),
    )  # fmt: skip
    headers = [
        (name, value) for name, value in error.get_headers(request.environ) if name.lower() != "content-type"
    ]
    return page, code, [*headers, ("Cache-Control", "no-store")]


def _program() -> bool:
    accepts = request.accept_mimetypes
    return request.path.startswith("/api/") or accepts["application/json"] > accepts["text/html"]
