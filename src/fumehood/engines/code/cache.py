"""What was learned of each file, kept between runs: JSON in the user's cache folder, found by the content of what it came from."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from fumehood.engines.code.checks import Route
from fumehood.engines.code.literals import Literal
from fumehood.engines.code.outlines import Outline
from fumehood.engines.code.recorder import Bucket
from fumehood.engines.code.unit import Unit
from fumehood.findings import Certainty, Evidence, Finding, Location, NotCovered, Rule, Severity, Step

__all__ = ["Cache", "folder"]

_FORMAT: Final = 1


def folder() -> Path:
    """Return the cache's folder: ``$XDG_CACHE_HOME/fumehood``, by default ``~/.cache/fumehood``."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "fumehood" / "code"


class Cache:
    """The units of one project.

    A unit is used again when its file, all files that it imports, directly or not, the set of the project's files, the rules, the models
    and the engine are what they were.
    """

    def __init__(
        self, root: Path, rules: Sequence[Rule], models: str, files: Sequence[str], options: str
    ) -> None:
        name = hashlib.blake2b(str(root.resolve()).encode(), digest_size=16).hexdigest()
        self._path = folder() / f"{name}.json"
        self._digest = _digest(rules, models, files, options)
        self._units: dict[str, Any] = {}
        self._changed = False
        with contextlib.suppress(OSError, ValueError, RecursionError):
            data = json.loads(self._path.read_bytes())
            if isinstance(data, dict) and data.get("digest") == self._digest:
                self._units = data["units"]

    def get(self, path: str, digests: Any) -> Unit | None:
        """Return a unit that is still true, or None."""
        kept = self._units.get(path)
        try:
            if kept is None or any(digests(name) != digest for name, digest in kept["from"].items()):
                return None
            return _unit(kept["unit"])
        except (KeyError, TypeError, ValueError, AttributeError, IndexError):
            return None

    def put(self, unit: Unit, digests: Any) -> None:
        names = [unit.path, *(name for name in unit.imports if not name.endswith("/"))]
        self._units[unit.path] = {"from": {name: digests(name) for name in names}, "unit": _plain(unit)}
        self._changed = True

    def save(self, paths: Sequence[str]) -> None:
        """Write what changed; a cache that cannot be written is no error."""
        if not self._changed:
            return
        wanted = set(paths)
        data = {
            "digest": self._digest,
            "units": {path: unit for path, unit in self._units.items() if path in wanted},
        }
        with contextlib.suppress(OSError):
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=self._path.parent, prefix=".new-")
            try:
                with os.fdopen(handle, "w", encoding="utf-8") as file:
                    json.dump(data, file, separators=(",", ":"))
                Path(temporary).replace(self._path)
            except BaseException:
                Path(temporary).unlink(missing_ok=True)
                raise


def _digest(rules: Sequence[Rule], models: str, files: Sequence[str], options: str) -> str:
    whole = hashlib.blake2b(digest_size=16)
    whole.update(f"{_FORMAT} {sys.version_info[:2]} {models} {options}".encode())
    whole.update("\0".join(files).encode("utf-8", "surrogateescape"))
    sources = {Path(sys.modules[type(rule).__module__].__file__ or "") for rule in rules}
    sources |= set(Path(__file__).parent.glob("*.py"))
    for source in sorted(sources):
        whole.update(source.read_bytes())
    whole.update(" ".join(rule.id for rule in rules).encode())
    return whole.hexdigest()


# To and from plain data.
def _place(location: Location | None) -> Any:
    if location is None:
        return None
    return [
        location.path,
        location.line,
        location.column,
        location.end_line,
        location.end_column,
        location.code,
        location.scope,
    ]


def _located(data: Any) -> Location | None:
    return Location(*data) if data is not None else None


def _plain(unit: Unit) -> dict[str, Any]:
    bucket = unit.bucket
    return {
        "path": unit.path,
        "imports": list(unit.imports),
        "seconds": unit.seconds,
        "not_covered": [[n.what, n.where, n.why, n.fatal] for n in unit.not_covered],
        "findings": [[list(key), _plain_finding(finding)] for key, finding in bucket.findings.items()],
        "routes": [_plain_route(route) for route in bucket.routes],
        "settings": {
            key: [[value, _place(place)] for value, place in values]
            for key, values in bucket.settings.items()
        },
        "calls": {name: [list(place) for place in sorted(places)] for name, places in bucket.calls.items()},
        "names": sorted(bucket.imports),
        "literals": [
            [item.name, item.value, item.how, _place(item.location), item.owner, item.beside]
            for item in bucket.literals
        ],
        "outlines": [_plain_outline(item) for item in bucket.outlines],
        "mounts": bucket.mounts,
    }


def _plain_finding(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "message": finding.message,
        "severity": int(finding.severity),
        "certainty": int(finding.certainty),
        "location": _place(finding.location),
        "route": finding.route,
        "parameter": finding.parameter,
        "trace": [[_place(step.location), step.message] for step in finding.trace],
        "evidence": [[item.kind, item.text, item.data] for item in finding.evidence],
        "fix": finding.fix,
    }


def _finding(data: Mapping[str, Any]) -> Finding:
    return Finding(
        rule=data["rule"],
        message=data["message"],
        severity=Severity(data["severity"]),
        certainty=Certainty(data["certainty"]),
        location=_located(data["location"]),
        route=data["route"],
        parameter=data["parameter"],
        trace=tuple(Step(Location(*place), message) for place, message in data["trace"]),
        evidence=tuple(Evidence(kind, text, more) for kind, text, more in data["evidence"]),
        fix=data["fix"],
    )


_SETS: Final = ("calls", "reads", "writes", "sinks", "strings", "templates", "names")
_TUPLES: Final = ("methods", "decorators", "parameters", "wrappers")


def _plain_route(route: Route) -> dict[str, Any]:
    data: dict[str, Any] = {name: getattr(route, name) for name in Route.__slots__}
    data["location"] = _place(route.location)
    for name in _SETS:
        data[name] = sorted(data[name])
    return data


def _route(data: dict[str, Any]) -> Route:
    fields = dict(data)
    fields["location"] = _located(fields["location"])
    for name in _SETS:
        fields[name] = frozenset(fields[name])
    for name in _TUPLES:
        fields[name] = tuple(fields[name])
    return Route(**fields)


def _plain_outline(item: Outline) -> dict[str, Any]:
    data: dict[str, Any] = {name: getattr(item, name) for name in Outline.__slots__}
    return {**data, "location": _place(item.location), "names": sorted(item.names)}


def _outline(data: Mapping[str, Any]) -> Outline:
    fields = {
        name: tuple(tuple(part) if isinstance(part, list) else part for part in value)
        for name, value in data.items()
        if name not in ("name", "location")
    }
    fields["names"] = frozenset(fields["names"])  # type: ignore[assignment]
    return Outline(name=data["name"], location=Location(*data["location"]), **fields)  # type: ignore[arg-type]


def _unit(data: Mapping[str, Any]) -> Unit:
    bucket = Bucket(
        findings={tuple(key): _finding(finding) for key, finding in data["findings"]},
        routes=[_route(route) for route in data["routes"]],
        settings={
            key: [(value, Location(*place)) for value, place in values]
            for key, values in data["settings"].items()
        },
        calls={name: {(p[0], p[1], p[2], p[3]) for p in places} for name, places in data["calls"].items()},
        imports=set(data["names"]),
        literals=tuple(
            Literal(name, value, how, Location(*place), owner, tuple((key, text) for key, text in beside))
            for name, value, how, place, owner, beside in data["literals"]
        ),
        outlines=tuple(_outline(item) for item in data["outlines"]),
        mounts=[(item[0], item[1], item[2], item[3], item[4]) for item in data["mounts"]],
    )
    return Unit(
        data["path"],
        bucket,
        tuple(data["imports"]),
        tuple(NotCovered(*item) for item in data["not_covered"]),
        0.0,
    )
