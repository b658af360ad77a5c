"""How a person called a file: kept to be shown, never used as a path."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["clean_name", "extension"]

_LONGEST = 120  # characters; file systems take 255 bytes
_NOT_IN_NAMES = re.compile(
    r'[\x00-\x1f\x7f-\x9f/\\:*?"<>|\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]'
)
_WINDOWS = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)", re.IGNORECASE)


def clean_name(given: str | None) -> str:
    """Return the last part of a name without what no system has in names: separators, controls, marks that turn the
    direction of writing (``cod\\u202efdp.exe``), leading dots; at most 120 characters, the extension kept (CWE-22, CWE-451).
    """
    name = unicodedata.normalize("NFC", (given or "").replace("\\", "/").rpartition("/")[2])
    name = " ".join(_NOT_IN_NAMES.sub("", name).split()).lstrip(". ").rstrip(". ")
    if _WINDOWS.match(name):
        name = f"_{name}"
    if len(name) > _LONGEST:
        stem, dot, ending = name.rpartition(".")
        ending = dot + ending if dot and len(ending) <= 10 else ""
        name = (stem if ending else name)[: _LONGEST - len(ending)].rstrip(". ") + ending
    return name or "file"


def extension(name: str) -> str:
    """The ending of a cleaned name, lower case, without its dot; "" when it has none."""
    return name.rpartition(".")[2].lower() if "." in name else ""
