"""The answer to input that is not valid: 422 with the names of the fields and what is wrong with each, never their values."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Response, request
from markupsafe import escape
from werkzeug.exceptions import HTTPException

if TYPE_CHECKING:
    from pydantic import ValidationError

__all__ = ["FieldError", "InvalidInput", "pointed", "wants_page"]

_MOST = 20
_LONGEST_NAME = 64
_LONGEST_DETAIL = 200

_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Please check what you entered</title>
<h1>Please check what you entered</h1>
<ul>
{items}
</ul>
<p>Go back in your browser to correct it.</p>
</html>
"""


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing that is wrong.

    Parameters:
        pointer: where, as a JSON pointer (RFC 6901) such as ``/items/0/price``; "" is the whole input.
        detail: what is wrong, without the value.
    """

    pointer: str
    detail: str


class InvalidInput(HTTPException):
    """Input that does not fit its model. Register an error handler for it to answer in your own way.

    Parameters:
        errors: what is wrong, by field; at most 20 are kept.
        page: whether a person reads the answer: an HTML page instead of problem details (RFC 9457).
    """

    code = 422
    description = "What was sent is not valid."

    def __init__(self, errors: Sequence[FieldError], page: bool = False) -> None:
        super().__init__()
        self.errors = tuple(errors[:_MOST])
        self.page = page
        # Made now, as `abort(response)` does: whoever only renders an exception renders this.
        self.response = self._page() if page else self._problem()

    @classmethod
    def of(cls, error: ValidationError, page: bool = False) -> InvalidInput:
        """Turn the errors of pydantic into ours: without the values, which may be secrets, and without links."""
        found = error.errors(include_url=False, include_context=False, include_input=False)
        return cls([FieldError(_pointer(one["loc"]), one["msg"][:_LONGEST_DETAIL]) for one in found], page)

    def _problem(self) -> Response:
        body = {
            "type": "about:blank",
            "title": "Unprocessable Content",
            "status": self.code,
            "detail": self.description,
            "errors": [{"pointer": f"#{error.pointer}", "detail": error.detail} for error in self.errors],
        }
        return Response(json.dumps(body), self.code, mimetype="application/problem+json")

    def _page(self) -> Response:
        items = "\n".join(
            f"<li>{escape(error.pointer.strip('/') or 'All')}: {escape(error.detail)}</li>"
            for error in self.errors
        )
        return Response(_PAGE.format(items=items), self.code, mimetype="text/html")


def wants_page() -> bool:
    """Tell whether this request comes from a person who reads pages."""
    best = request.accept_mimetypes.best_match(["application/problem+json", "application/json", "text/html"])
    return best == "text/html"


def pointed(name: int | str) -> str:
    """Return a name as a part of a JSON pointer."""
    return str(name)[:_LONGEST_NAME].replace("~", "~0").replace("/", "~1")


def _pointer(location: Sequence[int | str]) -> str:
    return "".join(f"/{pointed(name)}" for name in location)
