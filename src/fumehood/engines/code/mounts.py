"""Where blueprints, namespaces and view classes are mounted, and with it the whole rule of each route."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from fumehood.engines.code.checks import Route
from fumehood.findings import Finding

__all__ = ["Mount", "Mounts"]

_MAX_DEPTH = 8


Names = Mapping[str, Sequence[tuple[str, str]]]


@dataclass(frozen=True, slots=True)
class Mount:
    """``parent.register_blueprint(child, url_prefix=prefix)``.

    Parameters:
        child: the name of what is mounted, as it was made.
        prefix: the address that the call gives; None when it gives none, and the child's own counts.
        parent: the name of the blueprint that it is mounted on, "" for an application.
        parent_prefix: the parent's own address.
        path: the file that mounts it.
    """

    child: str
    prefix: str | None
    parent: str
    parent_prefix: str
    path: str


class Mounts:
    """All mounts of a program; of several with one name, the nearest in the folders counts."""

    def __init__(self, mounts: Iterable[Mount]) -> None:
        self._by_child: dict[str, list[Mount]] = {}
        for mount in mounts:
            self._by_child.setdefault(mount.child, []).append(mount)

    def prefix(self, name: str, own: str, path: str, depth: int = 0) -> str:
        """Return the address below which a blueprint's routes are.

        Parameters:
            name: the blueprint's name.
            own: the prefix that it was made with.
            path: the file that made it or uses it.
        """
        near = sorted(
            self._by_child.get(name, ()), key=lambda mount: (-_shared(mount.path, path), mount.path)
        )
        if not near or depth > _MAX_DEPTH:
            return own
        mount = near[0]
        inside = own if mount.prefix is None else mount.prefix
        if not mount.parent:
            return joined(mount.parent_prefix, inside)
        return joined(self.prefix(mount.parent, mount.parent_prefix, mount.path, depth + 1), inside)

    def placed(self, routes: Sequence[Route]) -> list[Route]:
        """Return the routes with their whole rules."""
        found = []
        for route in routes:
            if route.owner and route.kind == "route":
                name, _, own = route.owner.partition("|")
                rule = joined(self.prefix(name, own, route.location.path), route.rule)
                route = replace(route, rule=rule, route=f"{'|'.join(route.methods)} {rule or '?'}")
            found.append(route)
        return found

    def renamed(self, routes: Sequence[Route]) -> Names:
        """Return the whole names of the routes of one file, by the name within the blueprint: (view, whole name)."""
        names: dict[str, list[tuple[str, str]]] = {}
        for old, new in zip(routes, self.placed(routes), strict=True):
            names.setdefault(old.route, []).append((old.function, new.route))
        return names


def rerouted(finding: Finding, names: Names) -> Finding:
    """Return a finding with the whole rule of its route; of several routes of one name, that of the function that it is in."""
    known = names.get(finding.route)
    if not known:
        return finding
    scope = finding.location.scope if finding.location else ""
    name = next((whole for view, whole in known if view == scope), known[0][1])
    return replace(finding, route=name)


def joined(prefix: str, rule: str) -> str:
    if not prefix:
        return rule
    return prefix.rstrip("/") + ("/" + rule.lstrip("/") if rule else "")


def _shared(one: str, other: str) -> int:
    folders = zip(one.split("/")[:-1], other.split("/")[:-1], strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], folders))
