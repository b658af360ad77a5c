"""Files that no site should serve, and how each is told from a page that answers to any address."""

from __future__ import annotations

import re
from typing import Protocol

__all__ = ["LOOKED_FOR", "recognised"]


class _Answer(Protocol):
    @property
    def body(self) -> str: ...


# A page that answers to any address says so, whatever it quotes.
_PAGE = re.compile(r"<(!doctype|html|head|body)\b", re.IGNORECASE)
# What a file of that name says; an answer that does not say it is something else.
LOOKED_FOR = {
    "/.git/HEAD": (r"\Aref: refs/|\A[0-9a-f]{40}\s*\Z", "the history of the source"),
    "/.git/config": (r"\[core\]", "the history of the source"),
    "/.env": (r"(?m)^[A-Z][A-Z0-9_]{2,}\s*=\s*\S", "settings and secrets"),
    "/.env.local": (r"(?m)^[A-Z][A-Z0-9_]{2,}\s*=\s*\S", "settings and secrets"),
    "/.flaskenv": (r"(?m)^FLASK_\w+\s*=", "settings"),
    "/.svn/entries": (r"\A\d+\s", "the history of the source"),
    "/.htpasswd": (r"(?m)^[^:\s]+:(\$|\{SHA\}|[./0-9A-Za-z]{13})", "passwords"),
    "/.DS_Store": (r"Bud1", "names of files"),
    "/app.py": (r"(?m)^(from|import) \w+", "source"),
    "/config.py": (r"(?m)^(from|import|class|[A-Z_]+\s*=)", "source"),
    "/requirements.txt": (r"(?mi)^flask\b", "versions of what is installed"),
    "/docker-compose.yml": (r"(?m)^services:", "how it is deployed"),
    "/Dockerfile": (r"(?m)^FROM \S+", "how it is deployed"),
    "/backup.sql": (r"(?i)CREATE TABLE|INSERT INTO", "a copy of the database"),
    "/dump.sql": (r"(?i)CREATE TABLE|INSERT INTO", "a copy of the database"),
    "/app.db": (r"SQLite format 3", "the database"),
    "/database.db": (r"SQLite format 3", "the database"),
    "/server-status": (r"Apache Server Status", "who visits"),
}


def recognised(path: str, answer: _Answer) -> str:
    """Return what the file is that an answer holds, or "" when the answer is not that file."""
    name = next((known for known in LOOKED_FOR if path.endswith(known)), "")
    if not name:
        return ""
    pattern, what = LOOKED_FOR[name]
    if _PAGE.search(answer.body[:2000]) and name != "/server-status":
        return ""
    return what if re.search(pattern, answer.body) else ""
