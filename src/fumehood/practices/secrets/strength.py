"""Tells a secret key from a word that somebody typed."""

from __future__ import annotations

import math
import re
from collections import Counter
from itertools import pairwise

__all__ = ["SHORTEST", "famous", "weakness"]

# Bytes. Below this a key can be guessed however random it is; `fumehood keys generate` makes 32 random ones.
SHORTEST = 16
LEAST_BITS = 60.0
# A few random bytes by chance repeat more than their number of different values lets expect.
LEAST_BITS_OF_BYTES = 40.0

# Keys that stand in tutorials, documentation and examples: an attacker tries them first.
_FAMOUS = frozenset(
    {
        "192b9bdd22ab9ed4d12e236c78afcb9a393ec15f71bbf5dc987d54727823bcbf",  # Flask's documentation
        '_5#y2l"f4q8z\n\xec]/',  # Flask's quickstart, for years
        "_5#y2lf4q8znxec]/",
        "5791628bb0b13ce0c676dfde280ba245",  # a much watched video course
        "9ola7q3ka0xybrgdbh5q",
        "a0zr98j/3yx r~xhh!jmn]lwx/,?rt",  # Flask's documentation before that
        "hard to guess string",
        "you-will-never-guess",
        "f3cfe9ed8fae309f02079dbf",
        "super-secret-key-change-in-production",
    }
)

# Words that keys are made of when people make them. What remains after taking them out has to be a key by itself.
_WORDS = tuple(
    sorted(
        {
            *(
                "secret",
                "secretkey",
                "sekret",
                "s3cr3t",
                "secrets",
                "supersecret",
                "topsecret",
                "verysecret",
                "password",
                "passwort",
                "passphrase",
            ),
            *(
                "passw0rd",
                "changeme",
                "change",
                "please",
                "replace",
                "insert",
                "enter",
                "put",
                "here",
                "your",
                "this",
                "that",
                "with",
            ),
            *(
                "default",
                "example",
                "sample",
                "demo",
                "test",
                "testing",
                "development",
                "dev",
                "develop",
                "production",
                "prod",
            ),
            *(
                "debug",
                "local",
                "localhost",
                "staging",
                "flask",
                "django",
                "werkzeug",
                "fumehood",
                "application",
                "app",
                "web",
                "site",
            ),
            *(
                "key",
                "token",
                "jwt",
                "session",
                "cookie",
                "csrf",
                "wtf",
                "hmac",
                "salt",
                "random",
                "randomstring",
                "string",
                "value",
            ),
            *(
                "long",
                "very",
                "really",
                "super",
                "hyper",
                "ultra",
                "hard",
                "guess",
                "unguessable",
                "never",
                "will",
                "the",
                "and",
                "for",
            ),
            *(
                "admin",
                "root",
                "user",
                "guest",
                "qwerty",
                "qwertyuiop",
                "asdf",
                "asdfgh",
                "zxcvbn",
                "letmein",
                "welcome",
                "hello",
                "world",
            ),
            *(
                "foo",
                "bar",
                "baz",
                "foobar",
                "abc",
                "abcdef",
                "xyz",
                "todo",
                "fixme",
                "xxx",
                "none",
                "null",
                "undefined",
                "something",
            ),
            *(
                "somethinghard",
                "nobody",
                "knows",
                "keep",
                "safe",
                "secure",
                "security",
                "private",
                "hidden",
                "unsafe",
                "insecure",
                "weak",
            ),
            *(
                "not",
                "use",
                "only",
                "dont",
                "must",
                "should",
                "new",
                "my",
                "our",
                "is",
                "it",
                "in",
                "to",
                "me",
                "you",
                "a",
                "of",
                "it's",
            ),
            *(
                "generate",
                "generated",
                "dummy",
                "placeholder",
                "temp",
                "temporary",
                "fake",
                "mysecret",
                "mykey",
                "thisis",
                "environment",
            ),
            *(
                "1234567890",
                "123456789",
                "12345678",
                "1234567",
                "123456",
                "12345",
                "1234",
                "123",
                "0123456789abcdef",
                "deadbeef",
                "cafebabe",
            ),
        },
        key=len,
        reverse=True,
    )
)
_LEET = str.maketrans("013457@$!", "oieastasi")
_LETTERS = re.compile(r"[^a-z]+")


def weakness(key: bytes) -> str:
    """Return why a key is weak, as the end of a sentence that starts with "the key", or "" for a strong one."""
    text = key.decode("utf-8", "replace").strip()
    if not text:
        return "is empty"
    typed = text.isascii() and text.isprintable()
    if {text.lower(), key.decode("latin-1").lower()} & _FAMOUS or (typed and _made_of_words(text)):
        return "is a well-known example, or made of words that everybody tries first"
    if len(key) < SHORTEST:
        return f"has only {len(key)} bytes; it takes {SHORTEST} at the least, better 32 random ones"
    if (bits := _bits(key)) < (LEAST_BITS if typed else LEAST_BITS_OF_BYTES):
        return f"repeats itself: it is worth about {bits:.0f} bits, where a random one of 32 bytes has 256"
    return ""


def _made_of_words(text: str) -> bool:
    lowered = text.lower()
    for spelling in {lowered, lowered.translate(_LEET)}:
        rest = spelling
        for word in _WORDS:
            if len(word) >= 3:
                rest = rest.replace(word, " ")
        # Words of one or two letters count only when they stand alone: they also occur in random text.
        left = [part for part in _LETTERS.split(rest) if part and part not in _WORDS]
        letters = _LETTERS.sub("", spelling)
        digits = re.sub(r"\D", "", re.sub(r"(19|20)\d\d", "", spelling))
        if letters and sum(map(len, left)) <= len(letters) // 4 and len(set(digits)) < 9:
            return True
    return False


def _bits(key: bytes) -> float:
    """Return an upper bound of a key's worth: its characters' entropy, less what runs and repetition give away."""
    counts = Counter(key)
    per_character = -sum(n / len(key) * math.log2(n / len(key)) for n in counts.values())
    # A step that the last one foretells (aaa, abc, 321, abcabc) adds next to nothing.
    steps = [after - before for before, after in pairwise(key)]
    foretold = sum(1 for one, two in pairwise(steps) if one == two)
    for period in range(2, len(key) // 2 + 1):
        repeated = sum(1 for i in range(period, len(key)) if key[i] == key[i - period])
        if repeated > (len(key) - period) * 0.8:
            foretold = max(foretold, repeated)
    return per_character * max(len(key) - foretold, 1)


def famous() -> frozenset[str]:
    """Return the keys of tutorials and documentation, those that are known letter by letter."""
    return _FAMOUS
