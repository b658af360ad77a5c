"""Which passwords are accepted, per NIST SP 800-63B and OWASP ASVS 6.2: long enough, not known, not guessable; no rules about classes of characters."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING

from fumehood.practices.passwords.hashing import normalized

if TYPE_CHECKING:
    from fumehood.practices.interface import Installation

__all__ = ["LONGEST", "problems"]

# More than anybody types; a bound on the work of hashing and judging. NIST asks for at least 64.
LONGEST = 1024

# zxcvbn's second-highest grade: more than 10**8 guesses, out of reach of online guessing and of a slow hash offline.
_GRADE = 3


def problems(password: str, installation: Installation, context: Iterable[str] = ()) -> list[str]:
    """Return what is wrong with a new password, as sentences for the person who chose it; empty when it is accepted.

    Parameters:
        password: as it was typed.
        installation: the hood, for its settings.
        context: words that belong to the person or the app (name, e-mail address, app's name); a password made of them is refused.
    """
    password = normalized(password)
    settings = installation.settings
    if len(password) < settings.password_min_length:
        return [f"Use at least {settings.password_min_length} characters; a few words make a good password."]
    if len(password) > LONGEST:
        return [f"Use at most {LONGEST} characters."]
    words = _words(context)
    if _known(password):
        return ["This password is on lists of known passwords. Choose another one."]
    if _is_made_of(password, words):
        return [
            "This password is made from your name, your address or the name of this site. Choose another one."
        ]
    if _grade(password, words) < _GRADE:
        return [
            "This password is easy to guess: common words, repetitions or keys in a row. Choose another one, or add words."
        ]
    if settings.breached_passwords_url:
        from fumehood.practices.passwords.breaches import seen_in_breach

        if seen_in_breach(password, installation):
            return ["This password has appeared in a data breach. Choose another one."]
    return []


def _is_made_of(password: str, words: list[str]) -> bool:
    """Tell whether too little is left of a password without the words, for the rest to protect anything."""
    rest = password.casefold()
    for word in words:
        rest = rest.replace(word, "")
    return len(rest) < len(password) and sum(map(str.isalnum, rest)) < 8


def _words(context: Iterable[str]) -> list[str]:
    words: set[str] = set()
    for given in context:
        given = given.casefold()
        words.add(given)
        words.update(re.split(r"[^\w]+", given))
    return sorted((word for word in words if len(word) >= 4), key=len, reverse=True)


@lru_cache(maxsize=1)
def _list() -> frozenset[str]:
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    return frozenset(FREQUENCY_LISTS["passwords"])


def _known(password: str) -> bool:
    """Tell whether it is on the list, also with digits and signs around it or twice in a row."""
    plain = password.casefold()
    core = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", plain)
    half = plain[: len(plain) // 2]
    known = _list()
    return (
        plain in known
        or (core in known and len(core) * 2 > len(plain))
        or (half * 2 == plain and half in known)
    )


def _grade(password: str, words: list[str]) -> int:
    from zxcvbn import zxcvbn

    # It reads 72 characters at most: what is longer is as strong as its stronger end.
    ends = {password[:72], password[-72:]}
    return max(int(zxcvbn(end, user_inputs=words)["score"]) for end in ends)


def same(first: str, second: str) -> bool:
    """Compare two passwords in constant time."""
    return hmac.compare_digest(
        hashlib.sha256(normalized(first).encode()).digest(),
        hashlib.sha256(normalized(second).encode()).digest(),
    )
