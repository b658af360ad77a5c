"""Advisory data at hand: one SQLite file in the user's cache, replaced whole by ``fumehood advisories update``."""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fumehood.engines.advisories.osv import Advisory, Affected, affects, fixed_in
from fumehood.engines.advisories.packages import Package
from fumehood.findings import Severity
from fumehood.private_files import private_folder
from fumehood.settings import ConfigurationError

__all__ = ["Advisories", "NoAdvisories", "Vulnerable", "default_path", "save"]

_FORMAT = 1
_LAYOUT = """
CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE advisory (id TEXT PRIMARY KEY, content TEXT NOT NULL);
CREATE TABLE affected (package TEXT NOT NULL, advisory TEXT NOT NULL, content TEXT NOT NULL);
CREATE INDEX affected_package ON affected (package);
CREATE TABLE checked (package TEXT NOT NULL, version TEXT NOT NULL, PRIMARY KEY (package, version));
"""


class NoAdvisories(Exception):
    """There is no advisory data at hand; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Vulnerable:
    """A package at a version that is known to be vulnerable, and how.

    Parameters:
        names: all names of the vulnerability, the advisory's own first.
        fixed: the lowest later version without it; "" when there is none.
    """

    package: Package
    advisory: Advisory
    names: tuple[str, ...]
    fixed: str
    severity: Severity | None


def default_path() -> Path:
    """Return where the data is kept: ``$XDG_CACHE_HOME/fumehood/advisories.sqlite3``."""
    cache = os.environ.get("XDG_CACHE_HOME", "")
    # The specification: a relative path is invalid and to be ignored.
    folder = Path(cache) if cache and Path(cache).is_absolute() else Path.home() / ".cache"
    return folder / "fumehood" / "advisories.sqlite3"


class Advisories:
    """The advisory data at hand. Open with :meth:`load`, use as a context manager or :meth:`close`.

    Parameters of what it tells:
        source: where the data came from.
        fetched: when, in seconds since the epoch.
        whole: whether it covers all of PyPI, or only the packages that were asked about.
    """

    def __init__(self, connection: sqlite3.Connection, about: dict[str, str]) -> None:
        self._connection = connection
        self.source = about.get("source", "")
        self.fetched = float(about.get("fetched", "0"))
        self.whole = about.get("whole") == "1"
        self.count = int(about.get("count", "0"))
        self._asked = frozenset(json.loads(about.get("asked", "[]")))

    @classmethod
    def load(cls, path: Path | None = None) -> Advisories:
        """Open the data at hand; reads only what is asked for.

        Raises:
            NoAdvisories: if there is none, or it cannot be read.
        """
        path = path or default_path()
        if not path.is_file():
            raise NoAdvisories(
                f"there is no advisory data at {path}; `fumehood advisories update` fetches it"
            )
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False
        )
        try:
            about = dict(connection.execute("SELECT name, value FROM about"))
        except sqlite3.Error as error:
            connection.close()
            raise NoAdvisories(
                f"{path} is not advisory data ({error}); `fumehood advisories update` makes it anew"
            ) from None
        if about.get("format") != str(_FORMAT):
            connection.close()
            raise NoAdvisories(
                f"{path} was made by another version of Fumehood; `fumehood advisories update` makes it anew"
            )
        return cls(connection, about)

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> Advisories:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def days_old(self) -> float:
        """The age of the data in days."""
        return max(0.0, (time.time() - self.fetched) / 86400)

    def __str__(self) -> str:
        if self.whole:
            return f"{self.count} advisories from {self.source}, {self.days_old:.0f} days old"
        return f"{self.source}, {self.days_old:.0f} days old"

    def covers(self, package: Package) -> bool:
        """Tell whether the data can say anything about a package: silence about others means nothing."""
        if self.whole:
            return True
        found = self._connection.execute(
            "SELECT 1 FROM checked WHERE package = ? AND version = ?", (package.name, package.version)
        )
        return found.fetchone() is not None

    def asked(self, package: Package) -> bool:
        """Tell whether the source was asked about a package, so that asking it again brings nothing new."""
        return self.whole or str(package) in self._asked

    def about(self, names: Iterable[str]) -> list[str]:
        """Return those of some normalised package names that the data has any record about."""
        query = "SELECT 1 FROM affected WHERE package = ? LIMIT 1"
        return [name for name in names if self._connection.execute(query, (name,)).fetchone()]

    def match(self, packages: Iterable[Package]) -> list[Vulnerable]:
        """Return what is known to be wrong with some packages; one entry per package, file and vulnerability, the worst first."""
        found: list[Vulnerable] = []
        for package in dict.fromkeys(packages):
            found += self._of(package)
        return sorted(found, key=lambda one: (-_rank(one.severity), one.package, one.advisory.id))

    def _of(self, package: Package) -> list[Vulnerable]:
        rows = self._connection.execute(
            "SELECT advisory.content, affected.content FROM affected JOIN advisory ON advisory.id = affected.advisory"
            " WHERE affected.package = ? ORDER BY advisory.id",
            (package.name,),
        )
        hits: dict[str, tuple[Advisory, list[Affected]]] = {}
        for row, about in rows:
            affected = _affected(package.name, json.loads(about))
            if affects(affected, package.version):
                advisory = _advisory(json.loads(row))
                hits.setdefault(advisory.id, (advisory, []))[1].append(affected)
        return [_merged(package, group) for group in _same_vulnerability(list(hits.values()))]


def save(
    advisories: Iterable[Advisory],
    source: str,
    *,
    path: Path | None = None,
    checked: Sequence[Package] | None = None,
    asked: Sequence[Package] = (),
) -> int:
    """Write advisory data, whole or not at all; return how many advisories there are.

    Parameters:
        advisories: the records.
        source: where they came from, for people.
        path: the file; :func:`default_path` by default.
        checked: the packages that the data is about, when it is not about all of PyPI.
        asked: the packages that the source was asked about, answered or not.

    Raises:
        ConfigurationError: if it cannot be written, or there is not one record in data that should cover all of PyPI.
    """
    path = path or default_path()
    if path.parent.name == "fumehood":
        private_folder(path.parent)
    elif not path.parent.is_dir():
        raise ConfigurationError(f"The folder {path.parent} for the advisory data does not exist.")
    temporary = ""
    try:
        descriptor, temporary = tempfile.mkstemp(prefix=".advisories.", dir=path.parent)
        os.close(descriptor)
        count = _write(temporary, advisories, source, checked, asked)
        if not count and checked is None:
            raise ConfigurationError(
                f"{source} holds no advisory about a Python package. The data at hand was kept."
            )
        Path(temporary).replace(path)
    except (OSError, sqlite3.Error) as error:
        raise ConfigurationError(
            f"The advisory data could not be written to {path}: {error}. What was there is kept."
        ) from error
    finally:
        if temporary:
            with contextlib.suppress(OSError):
                Path(temporary).unlink()
    return count


def _write(
    temporary: str,
    advisories: Iterable[Advisory],
    source: str,
    checked: Sequence[Package] | None,
    asked: Sequence[Package],
) -> int:
    with contextlib.closing(sqlite3.connect(temporary)) as connection:
        connection.executescript(_LAYOUT)
        seen: set[str] = set()
        for advisory in advisories:
            if advisory.id in seen:
                continue
            seen.add(advisory.id)
            severity = None if advisory.severity is None else int(advisory.severity)
            content = [advisory.id, list(advisory.aliases), advisory.summary, severity]
            connection.execute("INSERT INTO advisory VALUES (?, ?)", (advisory.id, json.dumps(content)))
            connection.executemany(
                "INSERT INTO affected VALUES (?, ?, ?)",
                [
                    (about.name, advisory.id, json.dumps([about.ranges, about.versions]))
                    for about in advisory.affected
                ],
            )
        connection.executemany(
            "INSERT OR IGNORE INTO checked VALUES (?, ?)", [(one.name, one.version) for one in checked or ()]
        )
        about = {
            "format": str(_FORMAT),
            "source": source,
            "fetched": str(time.time()),
            "whole": "1" if checked is None else "0",
            "count": str(len(seen)),
            "asked": json.dumps(sorted({str(one) for one in asked})),
        }
        connection.executemany("INSERT INTO about VALUES (?, ?)", about.items())
        connection.commit()
    return len(seen)


def _affected(name: str, content: Any) -> Affected:
    ranges, versions = content
    return Affected(
        name, tuple(tuple((kind, at) for kind, at in events) for events in ranges), tuple(versions)
    )


def _advisory(content: Any) -> Advisory:
    identity, aliases, summary, severity = content
    return Advisory(identity, tuple(aliases), summary, None if severity is None else Severity(severity))


def _same_vulnerability(
    hits: list[tuple[Advisory, list[Affected]]],
) -> list[list[tuple[Advisory, list[Affected]]]]:
    """Group records of several databases that are about the same vulnerability: their names meet."""
    groups: list[tuple[set[str], list[tuple[Advisory, list[Affected]]]]] = []
    for hit in hits:
        names = {hit[0].id, *hit[0].aliases}
        members = [hit]
        apart = []
        for known, group in groups:
            if known & names:
                names |= known
                members = group + members
            else:
                apart.append((known, group))
        groups = [*apart, (names, members)]
    return [members for _, members in groups]


def _merged(package: Package, group: list[tuple[Advisory, list[Affected]]]) -> Vulnerable:
    # PyPA's own records are the ones that pip-audit and PyPI name.
    group.sort(key=lambda hit: (not hit[0].id.startswith("PYSEC-"), hit[0].id))
    advisory = group[0][0]
    names = dict.fromkeys(name for one, _ in group for name in (one.id, *one.aliases))
    severities = [one.severity for one, _ in group if one.severity is not None]
    fixed = [at for _, affected in group for about in affected if (at := fixed_in(about, package.version))]
    return Vulnerable(package, advisory, tuple(names), _lowest(fixed), max(severities, default=None))


def _lowest(versions: list[str]) -> str:
    from packaging.version import Version

    return min(versions, key=Version, default="")


def _rank(severity: Severity | None) -> float:
    # What nobody has judged stands between medium and high: not hidden, not shouted.
    return 2.5 if severity is None else float(severity)
