"""Whether what reaches a sink can do harm there: a hole's place in the text decides, in each language its own way."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from fumehood.engines.code.taint import Taint, Taints
from fumehood.engines.code.values import Const, External, Ref, Text, Tuple, Union, Unknown, Value, options

if TYPE_CHECKING:
    from fumehood.engines.code.heap import State
    from fumehood.engines.code.models import Sink

__all__ = ["dangerous", "harmful", "is_open_file"]

_SQL: Final = re.compile(
    r"(?is)^\W*(select|insert|update|delete|replace|merge|with|create|drop|alter|pragma|exec|call|truncate|grant|copy|set)\b"
)
_VALUE: Final = re.compile(r"(?i)([<>=]|\blike|\bin\s*\(|\bvalues\s*\()\s*\Z")
_FILTER: Final = re.compile(r"\s*\([&|!(\s]*([\w.;:-]+\s*[~<>]?=|\Z)")
_HOST: Final = re.compile(r"(?i)^[a-z][a-z0-9+.\-]*://[^/?#\\\1]+[/?#]")
_INTERPRETERS: Final = frozenset(
    [
        "sh",
        "bash",
        "dash",
        "zsh",
        "ksh",
        "csh",
        "cmd",
        "powershell",
        "pwsh",
        "python",
        "python3",
        "perl",
        "ruby",
        "node",
        "env",
        "sudo",
        "ssh",
    ]
)
_MOST_WAYS: Final = 16
_FILE: Final = re.compile(r"\.(files(\[[^\]]*\])?|stream|file|data)\Z|\.read\(\)\Z")


def harmful(taint: Taint, kind: str, influence: frozenset[str] | set[str]) -> bool:
    """Whether a taint is still dangerous in a kind of sink, wherever it stands."""
    removed = taint.removed
    if kind in removed:
        return False
    if kind in influence:
        return "chosen" not in removed
    if "*" in removed:
        return kind == "path" and "dots" in removed and "chosen" not in removed
    return not any(item.startswith("in:") for item in removed)


def dangerous(sink: Sink, value: Value, taints: Taints, state: State, core: Any) -> Taints:
    """Return those of a value's taints that are dangerous in a sink."""
    influence = core.models.influence
    kind = sink.kind
    live = frozenset(taint for taint in taints if harmful(taint, kind, influence))
    if any(taint.source.kind == "argument" for taint in live):
        live = frozenset(t for t in live if t.source.kind != "argument" or _is_suspect(sink, value, t))
    if not live:
        return live
    if sink.language == "program":
        return _program(value, live, state, core)
    if sink.language == "csv":
        return frozenset().union(*(_cell(cell, live) for cell in _cells(value, state, core)))
    judge = _JUDGES.get(sink.language)
    if judge is None:
        return live
    found: Taints = frozenset()
    for option in _variants(value):
        mine = live & core.taint_of(option, state)
        if mine:
            found |= judge(option, mine, sink)
    return found


def _variants(value: Value) -> Iterator[Value]:
    """Yield each value that it may be; of a text also each that its holes make of it, as far as they are a few texts themselves."""
    for option in options(value):
        yield from _spelled(option) if isinstance(option, Text) else (option,)


def _spelled(text: Text) -> list[Value]:
    found: list[tuple[str | Value, ...]] = [()]
    for part in text.parts:
        ways = options(part) if isinstance(part, Union) else ()
        if len(ways) < 2 or len(found) * len(ways) > _MOST_WAYS:
            ways = (part,) if isinstance(part, Value) else (Const(part),)
        found = [_continued(before, way) for before in found for way in ways]
    return [Text(parts, text.binary) for parts in found] if len(found) > 1 else [text]


def _continued(before: tuple[str | Value, ...], more: Value) -> tuple[str | Value, ...]:
    parts = more.parts if isinstance(more, Text) else (more,)
    for part in parts:
        text = part.value if isinstance(part, Const) and isinstance(part.value, str) else part
        if isinstance(text, str) and before and isinstance(before[-1], str):
            before = (*before[:-1], before[-1] + text)
        else:
            before = (*before, text)
    return before


def _is_suspect(sink: Sink, value: Value, taint: Taint) -> bool:
    """Whether an argument of which nothing is known is worth a word: a value inside a text, not a text that is handed over whole."""
    if "via:unknown" in taint.removed or "via:exception" in taint.removed or sink.language == "program":
        return False
    if sink.kind == "code":
        return sink.language == "code"
    if sink.kind in ("command", "ldap"):
        return any(
            isinstance(one, Text)
            and isinstance(one.parts[0], str)
            and one.parts[0].strip()
            and taint in one.taint
            for one in options(value)
        )
    return True


def _known(value: Value) -> tuple[str | Value, ...]:
    return value.parts if isinstance(value, Text) else (value,)


def _sql(value: Value, live: Taints, sink: Sink) -> Taints:
    if isinstance(value, Tuple | Ref):
        return frozenset()
    parts = _known(value)
    first = parts[0]
    if sink.suspected and not (isinstance(first, str) and _SQL.match(first)):
        return frozenset()
    return _quoted(parts, live, "'\"")


def _condition(value: Value, live: Taints, sink: Sink) -> Taints:
    """What filters rows is an expression of columns as a rule: only a text that is put together here is SQL."""
    sure = frozenset(taint for taint in live if "via:unknown" not in taint.removed)
    return _sql(value, sure, sink) if isinstance(value, Text | Unknown) else frozenset()


def _quoted(parts: tuple[str | Value, ...], live: Taints, quotes: str) -> Taints:
    """Of holes inside quotes, keep those whose quote can be closed from within; keep all others."""
    found: set[Taint] = set()
    inside = before = ""
    for part in parts:
        if isinstance(part, str):
            before = part
            for char in part:
                if inside:
                    inside = "" if char == inside else inside
                elif char in quotes:
                    inside = char
            continue
        for taint in part.taint:
            if taint not in live:
                continue
            if inside and (f"no:{inside}" in taint.removed or f"double:{inside}" in taint.removed):
                continue
            if taint.source.kind == "argument" and not inside and not _VALUE.search(before):
                continue  # the name of a table or a column: whoever calls has those of the program
            found.add(taint)
    return frozenset(found)


def _ldap(value: Value, live: Taints, sink: Sink) -> Taints:
    """Behind a guess by name only what reads like a filter counts."""
    first = _known(value)[0]
    return live if not sink.suspected or (isinstance(first, str) and _FILTER.match(first)) else frozenset()


def _xpath(value: Value, live: Taints, _: Sink) -> Taints:
    return _quoted_strict(_known(value), live)


def _quoted_strict(parts: tuple[str | Value, ...], live: Taints) -> Taints:
    found: set[Taint] = set()
    inside = ""
    for part in parts:
        if isinstance(part, str):
            for char in part:
                if inside:
                    inside = "" if char == inside else inside
                elif char in "'\"":
                    inside = char
        else:
            found.update(
                taint
                for taint in part.taint
                if taint in live and not (inside and f"no:{inside}" in taint.removed)
            )
    return frozenset(found)


def is_open_file(value: Value) -> bool:
    """Whether a value is a file that is open, or was sent, and no name of one."""
    return isinstance(value, External) and (
        value.path.startswith("io.") or _FILE.search(value.path) is not None
    )


def _path(value: Value, live: Taints, _: Sink) -> Taints:
    """A hole that begins a path chooses it whole; behind a known folder it needs ``..`` to get out."""
    if is_open_file(value):
        return frozenset()
    parts = _known(value)
    found: set[Taint] = set()
    before = ""
    for position, part in enumerate(parts):
        if isinstance(part, str):
            before += part
            continue
        for taint in part.taint:
            if taint not in live:
                continue
            removed = taint.removed
            dotless = "no:.." in removed or "no:." in removed
            if not dotless and before.endswith("/") and _leads_up(parts[position + 1 :]):
                found.add(taint)
                continue
            no_climb = dotless or "*" in removed or "no:../" in removed or "no:/" in removed
            if no_climb and (
                before.rstrip("./") or before.endswith("./") or "no:/" in removed or "*" in removed
            ):
                continue
            found.add(taint)
        before += "?"
    return frozenset(found)


_OWN_BASE: Final = "\0"  # stands for what the program itself begins an address with
_CHOSEN: Final = "\1"  # stands for what a request chose of it
_OWN_ADDRESS: Final = re.compile(r"\0[\0\w.-]*[/?#]")
_BEHIND_PATH: Final = re.compile(r"[^\1?#]*[?#]")


def _leads_up(after: tuple[str | Value, ...]) -> bool:
    """Whether what stands before this in a path is a folder of its own, so that ``..`` names the one above, and the file there is chosen too."""
    if not after or not isinstance(after[0], str) or not after[0].startswith("/") or "/" in after[0][1:]:
        return False  # a folder of a known name between them is seldom above, too
    return any(
        ("*" not in taint.removed or "dots" in taint.removed) and "chosen" not in taint.removed
        for part in after
        if not isinstance(part, str)
        for taint in part.taint
    )


def _url(value: Value, live: Taints, sink: Sink) -> Taints:
    """A hole behind a fixed host cannot change the host."""
    found: set[Taint] = set()
    before = ""
    for part in _known(value):
        if isinstance(part, str):
            before += part
            continue
        if _HOST.match(before) or _own_host(before, sink):
            break
        for taint in part.taint:
            if taint not in live or "host" in taint.removed or _begins_with_host(taint):
                continue
            if sink.kind == "redirect" and _stays(taint.removed, before):
                continue
            found.add(taint)
        before += _CHOSEN if part.taint & live else _OWN_BASE
    return frozenset(found)


def _own_host(before: str, sink: Sink) -> bool:
    """Whether the program itself said where an address leads: a request chooses no more than a path or a query."""
    if sink.kind != "redirect":
        return _OWN_ADDRESS.match(before) is not None
    return re.match(r"/[^/\\\1]", before) is not None or _BEHIND_PATH.match(before) is not None


def _stays(removed: frozenset[str], before: str) -> bool:
    """Whether an address is a path of the same host: one slash at its beginning and not two."""
    one = before == "/" or (not before and "begins:/" in removed)
    if before == "/":
        return "notbegins:/" in removed
    return (one or "no:://" in removed) and "notbegins://" in removed


def _begins_with_host(taint: Taint) -> bool:
    return any(item.startswith("begins:") and _HOST.match(item[7:]) for item in taint.removed)


def _code(_value: Value, live: Taints, _: Sink) -> Taints:
    """A text that begins and ends with a quote and has none in between is a literal, no code."""
    found = set()
    for taint in live:
        literal = any(
            f"begins:{quote}" in taint.removed
            and f"ends:{quote}" in taint.removed
            and f"inner:{quote}" in taint.removed
            for quote in "'\""
        )
        if not literal:
            found.add(taint)
    return frozenset(found)


def _program(value: Value, live: Taints, state: State, core: Any) -> Taints:
    """A list of arguments: what names the program is dangerous, and what a shell or an interpreter is given to run."""
    if not isinstance(value, Tuple | Ref):
        return live
    known, element = core.elements(value, state, ast.Pass())
    items = known if known is not None else (element,) if element is not None else ()
    if not items:
        return live
    runs = any(_runs(text) for text in _texts(items[0]))
    if known is None:
        return live if runs or not any(_texts(items[0])) else frozenset()
    found: Taints = core.taint_of(items[0], state) & live
    if runs and any(text in ("-c", "/c", "/C", "-e") for item in items[1:3] for text in _texts(item)):
        found |= core.taint_all(items[2:], state) & live
    return found


def _runs(program: str) -> bool:
    return re.split(r"[/\\]", program)[-1].removesuffix(".exe") in _INTERPRETERS


def _texts(value: Value) -> list[str]:
    alternatives = value.options if isinstance(value, Union) else (value,)
    return [one.value for one in alternatives if isinstance(one, Const) and isinstance(one.value, str)]


def _html(value: Value, live: Taints, _: Sink) -> Taints:
    if isinstance(value, External) and value.path in ("wtforms.Field", "wtforms.FileField"):
        return frozenset()  # its own markup, with what was typed escaped
    found: set[Taint] = set()
    inside_tag = False
    quote = ""
    for part in _known(value):
        if isinstance(part, str):
            for char in part:
                if not inside_tag:
                    inside_tag = char == "<"
                elif quote:
                    quote = "" if char == quote else quote
                elif char in "'\"":
                    quote = char
                elif char == ">":
                    inside_tag = False
            continue
        needed = quote if inside_tag and quote else "" if inside_tag else "<"
        found.update(
            taint
            for taint in part.taint
            if taint in live and not (needed and f"no:{needed}" in taint.removed)
        )
    return frozenset(found)


def _mail(value: Value, live: Taints, _: Sink) -> Taints:
    """Headers end with the first empty line; what stands behind it is only text."""
    found: set[Taint] = set()
    for part in _known(value):
        if isinstance(part, str):
            if "\n\n" in part or "\r\n\r\n" in part:
                break
        else:
            found.update(t for t in part.taint if t in live and "no:\n" not in t.removed)
    return frozenset(found) if isinstance(value, Text) else frozenset()


def _cells(value: Value, state: State, core: Any, depth: int = 0) -> Iterator[Value]:
    """Yield the cells of a row, or of rows."""
    content = core.held(value, state) if isinstance(value, Ref) else None
    if content is None and not isinstance(value, Tuple):
        yield value
        return
    inside = value.items if isinstance(value, Tuple) else content.values() if content is not None else ()
    for one in inside:
        if depth < 2:
            yield from _cells(one, state, core, depth + 1)


def _cell(value: Value, live: Taints) -> Taints:
    """A cell is a formula when it begins with ``=``, ``+``, ``-`` or ``@``."""
    first = _known(value)[0] if isinstance(value, Text) and value.parts else value
    if isinstance(first, str):
        return frozenset() if first[0] not in "=+-@\t\r" else value.taint & live
    return value.taint & live


_JUDGES: Final[dict[str, Any]] = {
    "sql": _sql,
    "condition": _condition,
    "xpath": _xpath,
    "ldap": _ldap,
    "path": _path,
    "folder": _path,
    "url": _url,
    "code": _code,
    "html": _html,
    "mail": _mail,
}
