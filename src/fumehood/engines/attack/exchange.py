"""One request and what came back, as facts: what was sent, what the application answered, what the sinks saw."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote, urlencode

from fumehood.engines.sinks.observation import Observation

__all__ = ["PAGE_TOKEN", "Exchange", "Signed", "Upload", "Wanted", "is_refusal"]

_LOGIN = re.compile(r"log[-_]?in|sign[-_]?in|auth|session|token", re.IGNORECASE)

PAGE_TOKEN = "fh-page-token"  # noqa: S105 - stands for the hidden token of a form's page until the request is sent


@dataclass(frozen=True, slots=True)
class Upload:
    """A file to send."""

    filename: str
    content: bytes
    content_type: str = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A request to make. ``person`` is whose session sends it; "" is nobody's.

    Parameters:
        method: the HTTP method.
        path: the path, already filled in.
        query, form, cookies, headers: by name.
        document: the JSON body, when there is one; ``None`` sends none.
        files: uploads by field.
        raw: a body as it is, with its own content type in ``headers``.
    """

    method: str
    path: str
    query: dict[str, Any] = field(
        default_factory=dict
    )  # a value may be a list: the name is then sent for each
    form: dict[str, Any] = field(default_factory=dict)
    document: Any = None
    cookies: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    files: dict[str, Upload] = field(default_factory=dict)
    raw: bytes | None = None
    person: str = ""
    page: str = ""  # where the form is shown whose hidden tokens belong to the request
    spare_cookies: dict[str, str] = field(default_factory=dict)  # sent by who has none of that name
    spare_headers: dict[str, str] = field(default_factory=dict)

    @property
    def target(self) -> str:
        return quote(self.path, safe="/:@!$&'()*+,;=-._~%") + (
            "?" + urlencode(self.query, doseq=True) if self.query else ""
        )

    def having(self, **changes: Any) -> Wanted:
        return replace(self, **changes)


@dataclass(frozen=True, slots=True)
class Signed:
    """How who sent a request had signed in: the requests for that, and the headers since, with ``{token}`` for the token that they were given."""

    steps: tuple[Wanted, ...] = ()
    headers: dict[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request that was made. ``status`` is 0 when the application raised, or did not answer in time."""

    wanted: Wanted
    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: str = ""
    raised: str = ""
    observations: tuple[Observation, ...] = ()
    refused: tuple[str, ...] = ()
    seconds: float = 0.0
    endpoint: str = ""
    touched: frozenset[str] = frozenset()  # sinks whose argument held the canary
    asked: tuple[tuple[str, str], ...] = ()  # sources and names that the application asked the request for
    stats: tuple[Observation, ...] = ()  # files outside that were looked for
    words: tuple[
        str, ...
    ] = ()  # names that code spells which walks through all names, or takes the query apart
    signed: Signed = Signed()

    def header(self, name: str) -> str:
        return ", ".join(value for key, value in self.headers if key.lower() == name.lower())

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    @property
    def is_html(self) -> bool:
        return self.header("Content-Type").startswith(("text/html", "application/xhtml"))

    @property
    def is_json(self) -> bool:
        kind = self.header("Content-Type").partition(";")[0].strip()
        return kind == "application/json" or kind.endswith("+json")

    @property
    def document(self) -> Any:
        """The body read as JSON, or None."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


def is_refusal(answer: Exchange) -> bool:
    """Tell whether an answer sends the visitor away: 401, 403, or a redirect to a login page."""
    location = answer.header("Location")
    return answer.status in {401, 403, 407} or (
        300 <= answer.status < 400 and _LOGIN.search(location) is not None
    )
