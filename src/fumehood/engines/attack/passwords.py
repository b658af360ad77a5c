"""Passwords of people in the copy's database: those kept in plain text are known, hashes are replaced by ones of a known password."""

from __future__ import annotations

import ast
import hashlib
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from fumehood.engines.attack.stores import write

__all__ = ["PASSWORD", "cloned", "listed", "password_of", "plain", "replaced", "written"]

# fumehood: ignore[FH260] -- of accounts that exist in a throw-away copy of the application only
PASSWORD = "Prob3-passphrase!"  # noqa: S105
_COLUMN = re.compile(r"pass|pwd|hash|^secret$|(^|_)pw\d?$|^pin$", re.IGNORECASE)
_FILES, _LARGEST, _WORDS, _MEMBERS = 400, 200_000, 6, 8
_LISTS = re.compile(r"user|account|cred|staff|login|member|people|password|admin", re.IGNORECASE)
_NAMES = re.compile(r"^(user_?name|user|login|name|nick\w*|uid)$")
_HEX = {32: "md5", 40: "sha1", 56: "sha224", 64: "sha256", 96: "sha384", 128: "sha512"}


def plain(row: dict[str, Any]) -> str:
    """Return the password of a person's row when it is kept as it is, or ""."""
    column = _column(row)
    kept = _text(row[column]) if column else ""
    return kept if kept and _same_kind(kept) is None and len(kept) < 40 and "$" not in kept else ""


def replaced(row: dict[str, Any]) -> str:
    """Write a hash of :data:`PASSWORD` over the one of a person's row, in the copy; returns the password, or "" when that cannot be done.

    Parameters:
        row: columns and values, with ``table`` and ``where`` of the database.
    """
    column = _column(row)
    made = _same_kind(_text(row[column])) if column else ""
    key = next((name for name in ("id", "user_id", "username", "user", "name", "email") if row.get(name)), "")
    if not made or not key or not row.get("where") or row["where"].startswith(":memory:"):
        return ""
    table, password, identity = (
        '"{}"'.format(str(name).replace('"', '""')) for name in (row["table"], column, key)
    )
    statement = f"UPDATE {table} SET {password} = ? WHERE {identity} = ?"  # noqa: S608 - the database's own names, quoted
    value = made.encode() if isinstance(row[column], bytes) else made
    return PASSWORD if write(row["where"], statement, (value, row[key])) else ""


def cloned(row: dict[str, Any], user: str, email: str) -> bool:
    """Write another person's row, in the copy: like one that is there but for name, address and password, which is :data:`PASSWORD`."""
    column = _column(row)
    kept = _text(row[column]) if column else ""
    made = _same_kind(kept)
    if not kept or made == "" or not row.get("where") or row["where"].startswith(":memory:"):
        return False
    password = (PASSWORD + user) if made is None else made
    changed: dict[str, Any] = {}
    for name, value in row.items():
        lowered = name.lower()
        if name in {"table", "where"} or lowered in {"id", "user_id", "uid", "rowid"}:
            continue
        if name == column:
            value = password.encode() if isinstance(row[column], bytes) else password
        elif "mail" in lowered:
            value = email
        elif _NAMES.search(lowered):
            value = user
        elif lowered == "fs_uniquifier":
            value = f"{value}{user}"
        changed[name] = value
    quoted = ", ".join('"{}"'.format(name.replace('"', '""')) for name in changed)
    table = str(row["table"]).replace('"', '""')
    statement = f'INSERT INTO "{table}" ({quoted}) VALUES ({", ".join("?" * len(changed))})'  # noqa: S608 - the database's own names, quoted
    return write(row["where"], statement, tuple(changed.values()))


def password_of(row: dict[str, Any], user: str) -> str:
    """Return the password of a row that :func:`cloned` wrote."""
    return PASSWORD + user if plain(row) else PASSWORD


def _column(row: dict[str, Any]) -> str:
    return next(
        (
            key
            for key, value in row.items()
            if _COLUMN.search(key) and isinstance(value, str | bytes) and value
        ),
        "",
    )


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def written(root: Path) -> dict[str, list[str]]:
    """Return names with the words that stand beside them in the project's source: accounts that it makes for a start, or knows itself."""
    beside: dict[str, list[str]] = {}
    for path in sorted(root.rglob("*.py"))[:_FILES]:
        if path.stat().st_size > _LARGEST:
            continue
        with suppress(SyntaxError, ValueError):
            for name, word in _pairs(ast.parse(path.read_text("utf-8", "replace"))):
                words = beside.setdefault(name, [])
                if word not in words and len(words) < _WORDS:
                    words.append(word)
    return beside


def listed(root: Path) -> list[str]:
    """Return the names in tables of names and passwords that the project's source holds itself."""
    names: dict[str, None] = {}
    for path in sorted(root.rglob("*.py"))[:_FILES]:
        if path.stat().st_size > _LARGEST:
            continue
        with suppress(SyntaxError, ValueError):
            for node in ast.walk(ast.parse(path.read_text("utf-8", "replace"))):
                if (
                    isinstance(node, ast.Assign)
                    and isinstance(node.value, ast.Dict)
                    and _LISTS.search(ast.unparse(node.targets[0]))
                ):
                    names.update(dict.fromkeys(word for key in node.value.keys if (word := _word(key))))
    return list(names)


def _pairs(tree: ast.AST) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Tuple | ast.List):
            yield from _each([_word(item) for item in node.elts])
        elif isinstance(node, ast.Call):
            yield from _each([_word(item) for item in (*node.args, *(item.value for item in node.keywords))])
        elif isinstance(node, ast.Dict):
            yield from _each([_word(value) for value in node.values])
            for key, value in zip(node.keys, node.values, strict=True):
                inner = value.values if isinstance(value, ast.Dict) else [value]
                yield from ((_word(key), word) for item in inner if (word := _word(item)) and _word(key))


def _each(words: list[str]) -> Iterator[tuple[str, str]]:
    if 1 < len(words) <= _MEMBERS:
        for at, name in enumerate(words[:2]):
            yield from ((name, word) for word in words[at + 1 :] if name and word and word != name)


def _word(node: ast.AST | None) -> str:
    if isinstance(node, ast.Call) and node.args:  # generate_password_hash("..."), encode() and the like
        return _word(node.args[0])
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return _word(node.func.value)
    value = node.value if isinstance(node, ast.Constant) else None
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
    return text if isinstance(text, str) and 1 < len(text) <= 40 and not set(text) & set("/<>{}\n") else ""


def _same_kind(kept: str) -> str | None:
    """Return a hash of :data:`PASSWORD` of the kind that is kept: None when it is no hash, "" when it is one that cannot be made."""
    if re.fullmatch(r"[0-9a-fA-F]+", kept) and len(kept) in _HEX:
        return hashlib.new(_HEX[len(kept)], PASSWORD.encode(), usedforsecurity=False).hexdigest()
    if re.match(r"(pbkdf2:|scrypt:)", kept):
        from werkzeug.security import generate_password_hash

        # fumehood: ignore[FH601] -- of accounts in a throw-away copy; slow hashes would be paid for at every login of the attack
        return generate_password_hash(PASSWORD, "pbkdf2:sha256:1000")
    if re.match(r"\$2[aby]\$", kept):
        import bcrypt

        return bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
    if kept.startswith("$argon2"):
        import argon2

        return argon2.PasswordHasher(time_cost=1, memory_cost=1024).hash(PASSWORD)
    return "" if kept.startswith("$") or len(kept) >= 40 else None
