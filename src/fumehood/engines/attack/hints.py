"""Which kinds of parsers and clients a view's code could use: the names in its file, and in the project's files that it imports."""

from __future__ import annotations

import re
from pathlib import Path

from fumehood.engines.attack.surface import Entry

__all__ = ["Hints"]

_KINDS = {
    "object": re.compile(r"pickle|yaml|marshal|shelve|dill|joblib|torch|numpy"),
    "xml": re.compile(r"xml|sax|expat|docx|openpyxl|svg", re.IGNORECASE),
    "url": re.compile(r"urlopen|urllib\.request|urllib3|requests|httpx|http\.client|aiohttp|pycurl|ftplib|urlretrieve|socket|playwright|selenium"),
}  # fmt: skip
_IMPORT = re.compile(r"^\s*(?:from\s+([\w.]+)\s+import\s+([\w, ()]+)|import\s+([\w., ]+))", re.MULTILINE)
_ALL = frozenset(_KINDS)


class Hints:
    """Answers for one project; each file is read once."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._read: dict[Path, tuple[frozenset[str], tuple[Path, ...]]] = {}
        self._known: dict[str, frozenset[str]] = {}

    def of(self, entry: Entry) -> frozenset[str]:
        """Return the sinks that need probes of their own: "object", "xml", "url"."""
        if not entry.file:
            return _ALL
        if entry.file not in self._known:
            self._known[entry.file] = self._closure(self._root / entry.file)
        return self._known[entry.file]

    def _closure(self, start: Path) -> frozenset[str]:
        kinds: set[str] = set()
        waiting, seen = [start], {start}
        while waiting and kinds != _ALL:
            found, imported = self._look(waiting.pop())
            kinds |= found
            waiting += [path for path in imported if path not in seen]
            seen.update(imported)
        return frozenset(kinds)

    def _look(self, path: Path) -> tuple[frozenset[str], tuple[Path, ...]]:
        if path not in self._read:
            try:
                text = path.read_text("utf-8", "replace")
            except OSError:
                text = ""
            kinds = frozenset(kind for kind, pattern in _KINDS.items() if pattern.search(text))
            self._read[path] = kinds, tuple(self._imported(text, path))
        return self._read[path]

    def _imported(self, text: str, path: Path) -> list[Path]:
        names: list[str] = []
        for module, members, modules in _IMPORT.findall(text):
            if module:
                names += [module, *(f"{module}.{member.strip(' ()')}" for member in members.split(","))]
            names += [part.split(" as ")[0].strip() for part in modules.split(",") if part.strip()]
        found = []
        for name in names:
            relative = name.strip(".").replace(".", "/")
            for base in (self._root, path.parent, path.parent.parent, self._root / "src"):
                for candidate in (base / f"{relative}.py", base / relative / "__init__.py"):
                    if candidate.is_file() and candidate not in found:
                        found.append(candidate)
        return found
