"""The chain: each entry of the journal is authenticated together with the one before it, and the last one is signed.

``mac(n) = HMAC-SHA256(journal key, mac(n-1) || canonical JSON of entry n)``; a head record holds the number and mac of the last
entry with a mac of its own, so that entries cut off at the end show too. The journal key is random, one for the life of the journal, and kept in
the database sealed (AES-256-GCM) under a key derived from the application's: rotating that only seals it anew, and who can write to
the database but does not have the key can forge nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table, Text, insert, select, update
from sqlalchemy.engine import Connection, RowMapping

from fumehood.practices.sql.tables import metadata

__all__ = ["ENTRIES", "HEADS", "SEALS", "Chain", "Problem", "append", "check", "open_seal", "seal"]

_NUMBER = BigInteger().with_variant(Integer, "sqlite")

ENTRIES = Table(
    "fumehood_journal",
    metadata,
    Column("number", _NUMBER, primary_key=True, autoincrement=False),
    Column("chain", Integer, nullable=False),
    Column("at", String(32), nullable=False),
    Column("event", String(64), nullable=False),
    Column("actor", String(255)),
    Column("subject", String(255)),
    Column("address", String(45)),
    Column("details", Text, nullable=False),
    Column("mac", String(64), nullable=False),
    Index("fumehood_journal_event", "event", "number"),
)
HEADS = Table(
    "fumehood_journal_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("number", _NUMBER, nullable=False),
    Column("chain", Integer, nullable=False),
    Column("mac", String(64), nullable=False),
    Column("seal", String(64), nullable=False),
)
SEALS = Table(
    "fumehood_journal_key",
    metadata,
    Column("chain", Integer, primary_key=True, autoincrement=False),
    Column("sealed", String(200), nullable=False),
)

_START = "0" * 64


@dataclass(frozen=True, slots=True)
class Chain:
    """A journal key and its number. A journal has more than one only when its key was lost."""

    number: int
    key: bytes


@dataclass(frozen=True, slots=True)
class Problem:
    """What does not verify: the number of the entry (0 for the journal as a whole) and what is wrong with it."""

    entry: int
    what: str


def seal(chain: Chain, key: bytes) -> str:
    """Return the journal key encrypted under a derived key of the application."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = secrets.token_bytes(12)
    return (nonce + AESGCM(key).encrypt(nonce, chain.key, str(chain.number).encode())).hex()


def open_seal(number: int, sealed: str, keys: Sequence[bytes]) -> tuple[Chain, bool] | None:
    """Return the journal key and whether the newest of ``keys`` opened it, or None when none does."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        content = bytes.fromhex(sealed)
    except ValueError:
        return None
    for key in keys:
        try:
            opened = AESGCM(key).decrypt(content[:12], content[12:], str(number).encode())
        except (InvalidTag, ValueError):
            continue
        return Chain(number, opened), key == keys[0]
    return None


def append(connection: Connection, chain: Chain, entry: dict[str, Any]) -> tuple[int, str]:
    """Add an entry inside a writing transaction that is alone; return its number and mac."""
    head = connection.execute(select(HEADS.c.number, HEADS.c.mac).where(HEADS.c.id == 1)).first()
    number, before = (head.number + 1, head.mac) if head else (1, _START)
    row = {"number": number, "chain": chain.number, "actor": None, "subject": None, "address": None} | entry
    row["mac"] = mac = _mac(chain, before, row)
    connection.execute(insert(ENTRIES).values(row))
    new_head = {"number": number, "chain": chain.number, "mac": mac, "seal": _head_mac(chain, number, mac)}
    connection.execute(
        update(HEADS).where(HEADS.c.id == 1).values(new_head)
        if head
        else insert(HEADS).values(id=1, **new_head)
    )
    return number, mac


def check(connection: Connection, chains: dict[int, Chain | None]) -> Iterator[Problem | int]:
    """Walk through the whole journal in one reading transaction.

    Parameters:
        chains: the journal keys by number, None for one that cannot be opened.

    Yields:
        the number of each entry that verifies, and a :class:`Problem` for what does not.
    """
    before, expected, unopened = _START, 1, set[int]()
    rows = connection.execution_options(yield_per=1000).execute(select(ENTRIES).order_by(ENTRIES.c.number))
    for row in rows.mappings():
        number, chain = row["number"], chains.get(row["chain"])
        if number != expected:
            yield Problem(expected, _missing(expected, number - 1))
        if chain is None:
            if row["chain"] not in unopened:
                unopened.add(row["chain"])
                yield Problem(
                    number,
                    f"entry {number} and those after it in chain {row['chain']} cannot be verified: its key is gone",
                )
        elif number == expected and not hmac.compare_digest(_mac(chain, before, row), row["mac"]):
            yield Problem(
                number,
                f"entry {number} ({row['event']}, {row['at']}) was changed, or put in place of another",
            )
        else:
            yield number
        before, expected = row["mac"], number + 1
    yield from _check_head(connection, chains, expected - 1, before)


def _check_head(
    connection: Connection, chains: dict[int, Chain | None], last: int, mac: str
) -> Iterator[Problem]:
    head = connection.execute(select(HEADS).where(HEADS.c.id == 1)).mappings().first()
    if head is None:
        if last or chains:
            yield Problem(
                0, "the record of the journal's end is missing, so entries may have been cut off there"
            )
        return
    chain = chains.get(head["chain"])
    if chain is None or not hmac.compare_digest(_head_mac(chain, head["number"], head["mac"]), head["seal"]):
        yield Problem(
            0, "the record of the journal's end was changed, so entries may have been cut off there"
        )
    elif head["number"] > last:
        yield Problem(last + 1, _missing(last + 1, head["number"]) + " at the end")
    elif head["number"] < last:
        yield Problem(head["number"] + 1, f"entries after {head['number']} were not written by the journal")
    elif head["mac"] != mac:
        yield Problem(last, f"entry {last} is not the one that was written last")


def _missing(first: int, last: int) -> str:
    return f"entry {first} is missing" if first == last else f"entries {first} to {last} are missing"


def _mac(chain: Chain, before: str, row: dict[str, Any] | RowMapping) -> str:
    names = ("number", "chain", "at", "event", "actor", "subject", "address", "details")
    content = json.dumps([row[name] for name in names], ensure_ascii=True, separators=(",", ":"))
    return hmac.new(chain.key, f"{before}\n{content}".encode(), hashlib.sha256).hexdigest()


def _head_mac(chain: Chain, number: int, mac: str) -> str:
    return hmac.new(chain.key, f"head\n{number}\n{mac}".encode(), hashlib.sha256).hexdigest()
