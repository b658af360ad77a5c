"""Takes browsers' reports of violated policies, and journals a bounded number of them."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, request

from fumehood.practices.access.declarations import public
from fumehood.practices.csrf.exempt import csrf_exempt
from fumehood.practices.interface import Installation

__all__ = ["ENDPOINT", "LARGEST", "Budget", "read_reports", "register"]

ENDPOINT = "fumehood_csp_reports"
LARGEST = 32 * 1024  # bytes of one POST; browsers' own reports are a few hundred
_MOST_IN_ONE = 20
_PER_MINUTE = 60


class Budget:
    """So many a minute, in this process. Anybody may post reports, so what they cost is bounded (CWE-770)."""

    def __init__(self, per_minute: int = _PER_MINUTE) -> None:
        self.dropped = 0
        self._per_minute = per_minute
        self._minute = 0
        self._spent = 0
        self._lock = threading.Lock()

    def spend(self, now: float | None = None) -> bool:
        """Take one; False when the minute's share is used up."""
        minute = int((time.monotonic() if now is None else now) // 60)
        with self._lock:
            if minute != self._minute:
                self._minute, self._spent = minute, 0
            if self._spent >= self._per_minute:
                self.dropped += 1
                return False
            self._spent += 1
            return True


def register(app: Flask, installation: Installation, path: str) -> None:
    """Answer at ``path`` for ``report-uri`` and for the Reporting API."""
    budget = Budget()

    @csrf_exempt  # browsers send reports without a token, and a report changes nothing but the journal
    @public
    def csp_reports() -> Response:
        if request.mimetype not in {"application/csp-report", "application/reports+json", "application/json"}:
            return Response(status=415)
        if request.content_length is None or request.content_length > LARGEST:
            return Response(status=413)
        for report in read_reports(request.get_data(cache=False)):
            if not budget.spend():
                return Response(status=429, headers={"Retry-After": "60"})
            installation.record("csp.reported", **report)
        return Response(status=204)

    app.add_url_rule(path, ENDPOINT, csp_reports, methods=["POST"])


def read_reports(body: bytes) -> Iterator[dict[str, str]]:
    """Read the reports in a body of either form; what is not a report is passed over.

    Addresses are cut before their query: that may hold what is secret.
    """
    try:
        sent = json.loads(body)
    except (ValueError, RecursionError):
        return
    for item in sent[:_MOST_IN_ONE] if isinstance(sent, list) else [sent]:
        if not isinstance(item, dict):
            continue
        told = item.get("csp-report")
        if told is None and item.get("type") == "csp-violation":
            told = item.get("body")
        if isinstance(told, dict):
            yield {
                "page": _address(told.get("document-uri", told.get("documentURL"))),
                "directive": _word(told.get("effective-directive", told.get("effectiveDirective"))),
                "blocked": _address(told.get("blocked-uri", told.get("blockedURL"))),
                "disposition": _word(told.get("disposition")),
                "source": _address(told.get("source-file", told.get("sourceFile"))),
                "line": _word(told.get("line-number", told.get("lineNumber"))),
            }


def _word(value: Any) -> str:
    return "".join(letter for letter in str(value or "")[:100] if letter.isprintable())


def _address(value: Any) -> str:
    """An address without user, query and fragment; ``inline``, ``eval`` and the like as they are."""
    text = str(value or "")[:2000]
    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return ""
    if parts.scheme in {"http", "https", "ws", "wss"}:
        text = f"{parts.scheme}://{host}{port}{parts.path}"
    else:
        text = text.partition(":")[0] if ":" in text else text
    return "".join(letter for letter in text[:300] if letter.isprintable())
