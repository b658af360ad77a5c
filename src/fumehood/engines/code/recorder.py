"""Turns what the interpreter sees into calls, flows and routes, and hands them to the rules that asked."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from fumehood.engines.code.buckets import Bucket, Seen, keep
from fumehood.engines.code.checks import (
    Argument,
    Assign,
    Call,
    CodeCheck,
    Flow,
    FlowCheck,
    Recorder,
    Route,
    located,
    steps,
)
from fumehood.engines.code.configurations import settings
from fumehood.engines.code.models import Sink
from fumehood.engines.code.responsible import answerable
from fumehood.engines.code.routes import Entry
from fumehood.engines.code.syntax import descendants
from fumehood.engines.code.taint import Taint
from fumehood.engines.code.values import Const, External, Func, Value, options
from fumehood.engines.code.written import (
    dotted,
    matches,
    raised,
    shown,
    text,
    written_call,
    written_decorators,
)
from fumehood.findings import Certainty, Finding, Location, Rule

__all__ = ["Bucket", "Collector"]


class Collector(Recorder):
    """Parameters: the rules; ``lines(path, number)``, a source line."""

    def __init__(self, rules: Sequence[Rule], lines: Any) -> None:
        self._lines = lines
        self._flows: dict[str, list[FlowCheck]] = {}
        self._checks = [rule for rule in rules if isinstance(rule, CodeCheck)]
        self._wanted: dict[tuple[str, str], list[CodeCheck]] = {}
        for rule in rules:
            if isinstance(rule, FlowCheck):
                for kind in rule.sinks:
                    self._flows.setdefault(kind, []).append(rule)
        self.buckets: dict[str, Bucket] = {}
        self.functions: dict[str, list[Func]] = {}
        self._known_functions: set[Any] = set()
        self._inner: dict[tuple[int, int], Func] = {}
        self._decorators: dict[int, list[str]] = {}
        self._seen: dict[int, Seen] = {}
        self._written: dict[int, tuple[set[str], set[str]]] = {}  # function -> its texts and names
        self.unit = ""

    # Where things go.
    def bucket(self, core: Any) -> Bucket:
        return self.buckets.setdefault(core.behalf(), Bucket())

    def _entry(self, core: Any) -> Seen | None:
        entry = core.frame.route
        return self._seen.setdefault(id(entry), Seen()) if entry is not None else None

    def _route_of(self, core: Any) -> str:
        entry = core.frame.route
        if not isinstance(entry, Entry) or entry.kind != "route":
            return ""
        return f"{'|'.join(entry.methods)} {entry.rule or '?'}"

    def _location(self, node: ast.AST, core: Any) -> Location:
        return located(core.place(node), self._lines)

    # Definitions.
    def function(self, value: Value, core: Any) -> None:
        if isinstance(value, Func) and value.module.path == core.behalf():
            key = (id(value.node), value.frame)
            if key not in self._known_functions:
                self._known_functions.add(key)
                self.functions.setdefault(value.module.path, []).append(value)

    def decorated(
        self,
        func: Value,
        path: str,
        args: Sequence[Value],
        keywords: Mapping[str, Value],
        node: ast.AST,
        core: Any,
    ) -> None:
        if isinstance(func, Func):
            self._decorators.setdefault(id(func.node), []).insert(0, path)

    def wrapped(self, wrapper: Value, inner: Value) -> None:
        if isinstance(wrapper, Func) and isinstance(inner, Func):
            self._inner[id(wrapper.node), wrapper.frame] = inner

    def innermost(self, func: Func) -> Func:
        """The function that a person wrote: what a decorator's wrapper calls in the end."""
        for _ in range(8):
            inner = self._inner.get((id(func.node), func.frame))
            if inner is None or inner is func:
                return func
            func = inner
        return func

    def imported(self, dotted: str, core: Any) -> None:
        self.bucket(core).imports.add(dotted)

    def mounted(self, mount: tuple[str, str | None, str, str], core: Any) -> None:
        bucket = self.bucket(core)
        whole = (*mount, core.frame.module.path)
        if whole not in bucket.mounts:
            bucket.mounts.append(whole)

    def read(self, path: str, core: Any) -> None:
        seen = self._entry(core)
        if seen is not None:
            seen.reads.add(path)

    def begin(self, core: Any) -> Seen | None:
        entry = core.frame.route
        if entry is None:
            return None
        before = self._seen.get(id(entry)) or Seen()
        self._seen[id(entry)] = Seen()
        return before

    def end(self, before: Seen | None, core: Any) -> Seen | None:
        if before is None:
            return None
        inside = self._seen[id(core.frame.route)]
        before.take(inside)
        self._seen[id(core.frame.route)] = before
        return inside

    def again(self, seen: Seen | None, core: Any) -> None:
        now = self._entry(core)
        if now is not None and seen is not None:
            now.take(seen)

    # Calls.
    def _who(self, kind: str, path: str) -> list[CodeCheck]:
        key = (kind, path)
        found = self._wanted.get(key)
        if found is None:
            found = [rule for rule in self._checks if matches(getattr(rule, kind), path)]
            self._wanted[key] = found
        return found

    def call(
        self,
        path: str,
        func: External,
        args: Sequence[Value],
        keywords: Mapping[str, Value],
        state: Any,
        node: ast.AST,
        core: Any,
    ) -> None:
        seen = self._entry(core)
        if seen is not None:
            seen.calls.add(path)
            self._see_function(seen, core)
            if path in ("flask.render_template", "flask.stream_template") and args:
                seen.templates.update(str(one.value) for one in options(args[0]) if isinstance(one, Const))
        if path.startswith("flask.Flask.config."):
            self._configured(path, args, keywords, state, node, core)
        rules = self._who("calls", path)
        bucket = self.bucket(core)
        if not path.startswith(("?.", "builtins.")):
            bucket.calls.setdefault(path, set()).add(core.place(node))
        if not rules:
            return
        event = Call(
            path,
            self._location(node, core),
            self._route_of(core),
            tuple(args),
            dict(keywords),
            func,
            core.frame.scope,
            state,
            core,
            node,
        )
        for rule in rules:
            self._keep(rule.call(event), bucket)

    def _see_function(self, seen: Seen, core: Any) -> None:
        func = core.frame.func
        if func is None or id(func.node) in seen.functions:
            return
        seen.functions.add(id(func.node))
        self._see_node(seen, func.node)

    def _see_node(self, seen: Seen, node: ast.AST) -> None:
        known = self._written.get(id(node))
        if known is None:
            inside = list(descendants(node))
            texts = (child.value for child in inside if isinstance(child, ast.Constant))
            names = (
                dotted(child)
                for child in inside
                if isinstance(child, ast.Attribute | ast.Name | ast.Subscript)
            )
            known = self._written[id(node)] = (
                {text for text in texts if isinstance(text, str) and len(text) < 200},
                set(filter(None, names)) | set(map(raised, inside)) - {""},
            )
        seen.strings |= known[0]
        seen.names |= known[1]

    def _keep(self, findings: Iterable[Finding], bucket: Bucket) -> None:
        for finding in findings:
            place = finding.location
            key = (
                (finding.rule, place.path, place.line, place.column)
                if place
                else (finding.rule, finding.message)
            )
            keep(bucket.findings, key, finding)

    # Flows.
    def flow(
        self, sink: Sink, path: str, value: Value, taints: Iterable[Taint], node: ast.AST, core: Any
    ) -> None:
        rules = self._flows.get(sink.kind)
        seen = self._entry(core)
        if seen is not None:
            seen.sinks.add(sink.kind)
            if sink.kind == "object":
                written = written_call(node)
                seen.objects.update(
                    f"{t.source.param}\t{written}"
                    for t in taints
                    if t.source.kind == "request" and _asked(t.source.name)
                )
        if not rules:
            return
        bucket = self.bucket(core)
        location = located(answerable(core, sink, node) or core.place(node), self._lines)
        ordered = sorted(
            taints,
            key=lambda t: (
                t.source.kind == "argument",
                "via:exception" in t.removed or "via:unknown" in t.removed,
                t.source.kind,
                t.source.name,
                t.source.param,
                t.source.place[1],
            ),
        )
        for rule in rules:
            kinds = (*rule.sources, "argument") if rule.parameters else rule.sources
            taint = next((one for one in ordered if one.source.kind in kinds), None)
            if taint is None:
                continue
            source = taint.source
            event = Flow(
                kind=sink.kind,
                source=f"{source.name}[{source.param!r}]" if source.param else source.name,
                source_kind=source.kind,
                source_name=source.name,
                parameter=source.param,
                sink=shown(path),
                location=location,
                route=self._route_of(core),
                trace=(
                    *steps(taint.trail, self._lines),
                    steps((core.place(node), f"reaches {shown(path)}", None), self._lines)[0],
                ),
                certainty=Certainty.SUSPECTED
                if sink.suspected
                or source.kind == "argument"
                or path.startswith("?.")
                or "via:exception" in taint.removed
                or "via:unknown" in taint.removed
                else Certainty.READ,
                removed=taint.removed,
                text=text(value),
                note=sink.note,
                part=taint.part,
                query=source.note,
            )
            self._keep(rule.flow(event), bucket)

    # Assignments.
    def assigned(self, path: str, value: Value, state: Any, node: ast.AST, core: Any) -> None:
        seen = self._entry(core)
        if seen is not None:
            seen.writes.add(path)
        location = None
        if path.startswith("flask.Flask.config["):
            location = self._location(node, core)
            self._setting(path[len("flask.Flask.config[") : -1], value, location, core)
        rules = self._who("assigns", path)
        if not rules:
            return
        event = Assign(
            path,
            location or self._location(node, core),
            self._route_of(core),
            Argument(value, state, core),
            core.frame.scope,
        )
        for rule in rules:
            self._keep(rule.assign(event), self.bucket(core))

    def attribute(self, cls: Any, name: str, value: Value, state: Any, node: ast.AST, core: Any) -> None:
        seen = self._entry(core)
        if seen is not None and cls is not None:
            seen.writes.add(f"{cls.name}.{name}")
        path = f"{cls.name if cls is not None else '?'}.{name}"
        rules = self._who("assigns", path)
        if rules:
            event = Assign(
                path,
                self._location(node, core),
                self._route_of(core),
                Argument(value, state, core),
                core.frame.scope,
            )
            for rule in rules:
                self._keep(rule.assign(event), self.bucket(core))

    def _setting(self, key: str, value: Value, location: Location, core: Any) -> None:
        for one in options(value):
            plain: Any = one.value if isinstance(one, Const) else text(one) or None
            if isinstance(plain, str | int | float | bool | None):
                self.bucket(core).settings.setdefault(key, []).append((plain, location))

    def _configured(
        self,
        path: str,
        args: Sequence[Value],
        keywords: Mapping[str, Value],
        state: Any,
        node: ast.AST,
        core: Any,
    ) -> None:
        """``config.from_object(Config)``, ``from_mapping``, ``update``: the same as setting each key."""
        how = path.rpartition(".")[2]
        pairs: list[tuple[str, Value, ast.AST, str, str]] = []
        if how in ("update", "from_mapping"):
            written = {item.arg: item.value for item in getattr(node, "keywords", ())}
            pairs += [(name, value, written.get(name, node), "", "") for name, value in keywords.items()]
        for arg in args:
            for one in options(arg):
                pairs += settings(how, one, state, node, core)
        for name, value, where, file, scope in pairs:
            if not name.isupper():
                continue
            place = core.place(where)
            location = located((file or place[0], place[1], place[2], scope or place[3]), self._lines)
            self._setting(name, value, location, core)
            full = f"flask.Flask.config[{name}]"
            event = Assign(full, location, "", Argument(value, state, core), core.frame.scope)
            for rule in self._who("assigns", full):
                self._keep(rule.assign(event), self.bucket(core))

    # Routes.
    def finished(self, entry: Entry, core: Any) -> None:
        """An entry has been interpreted: tell the rules about the route."""
        seen = self._seen.pop(id(entry), None) or Seen()
        view = self.innermost(entry.func)
        node = view.node
        if id(node) not in seen.functions:
            self._see_node(seen, node)
        decorators = list(self._decorators.get(id(entry.func.node), ()))
        if node is not entry.func.node:
            decorators += self._decorators.get(id(node), ())
        decorators += written_decorators(node, entry.view or entry.func.owner)
        name = entry.func.name if node is entry.func.node else view.name.rpartition(".")[2]
        place = (view.module.path, getattr(node, "lineno", 1), getattr(node, "col_offset", 0) + 1, name)
        route = Route(
            kind=entry.kind,
            route=f"{'|'.join(entry.methods)} {entry.rule or '?'}",
            rule=entry.rule,
            methods=entry.methods,
            function=place[3],
            location=located(place, self._lines),
            decorators=tuple(dict.fromkeys(decorators)),
            wrappers=(entry.label,) if entry.label else (),
            parameters=tuple(entry.parameters),
            calls=frozenset(seen.calls),
            reads=frozenset(seen.reads),
            writes=frozenset(seen.writes),
            sinks=frozenset(seen.sinks),
            strings=frozenset(seen.strings),
            names=frozenset(seen.names),
            objects=frozenset(seen.objects),
            templates=frozenset(seen.templates),
            end_line=getattr(node, "end_lineno", 0) or 0,
            hook=entry.hook,
            receiver=entry.receiver,
            owner=entry.owner,
            owners=entry.owners,
        )
        bucket = self.buckets.setdefault(self.unit, Bucket())
        bucket.routes.append(route)
        if route.kind == "route":
            for rule in self._checks:
                self._keep(rule.route(route), bucket)


def _asked(source: str) -> bool:
    """Whether a visitor names things by this part of a request; what a token or a cookie says is another matter."""
    return source.endswith(("view_args", ".args", ".form", ".values", ".json", ".get_json"))
