"""JavaScript of pages: what the address of a page says, followed to where the browser takes text for markup or code.

It reads statements, not syntax trees: names that are assigned, parameters of functions that are called, and the sinks that they reach.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from fumehood.findings import Location

__all__ = ["ScriptFlow", "markup_names", "script_flows"]

_MAX: Final = 400_000
_PACKED: Final = 3_000
_ROUNDS: Final = 4
_SCRIPT: Final = re.compile(r"<script\b([^>]*)>(.*?)</script", re.IGNORECASE | re.DOTALL)
_JINJA: Final = re.compile(r"\{\{(.*?)\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_ADDRESS: Final = re.compile(
    r"(?<![\w$.])(?:(?:window|document|self|top|parent)\.)*"
    r"(location\.(?:hash|search|href)|location(?=\.toString|\s*\+|\s*$|\s*\))|document\.(?:URL|documentURI|baseURI|referrer)|window\.name)\b"
)
_CLEAN: Final = re.compile(
    r"(?<![\w$])(?:[\w$]+\.)*(?:encodeURI(?:Component)?|parseInt|parseFloat|Number|Boolean|escape\w*|html_?[eE]scape|\w*[sS]anitiz\w*|createTextNode|text|indexOf|includes|"
    r"startsWith|test|localeCompare|hasOwnProperty)\s*\((?:[^()]|\([^()]*\))*\)|\.length\b"
)
_ASSIGNED: Final = re.compile(r"^(?:(?:var|let|const)\s+)?([\w$]+)\s*(?:\+)?=(?![=>])\s*(.+)$", re.DOTALL)
_UNPACKED: Final = re.compile(r"^(?:var|let|const)\s+[\[{]([^\]}]*)[\]}]\s*=(?![=>])\s*(.+)$", re.DOTALL)
_FUNCTION: Final = re.compile(r"\bfunction\s*([\w$]*)\s*\(([^)]*)\)\s*$")
_ARROW: Final = re.compile(r"(?:([\w$]+)\s*=\s*)?(?:async\s*)?(?:\(([^()]*)\)|([\w$]+))\s*=>\s*$")
_NAME: Final = re.compile(r"(?<![\w$.])[A-Za-z_$][\w$]*")
_MARKUP: Final = (
    re.compile(r"\.(innerHTML|outerHTML)\s*\+?=(?!=)\s*(.+)$", re.DOTALL),
    re.compile(r"\bdocument\.(write(?:ln)?)\s*\((.+)\)", re.DOTALL),
    re.compile(r"\.(insertAdjacentHTML)\s*\([^,]+,(.+)\)", re.DOTALL),
    re.compile(
        r"(?:\$|jQuery)\s*\([^()]*\)(?:\.\w+\([^()]*\))*\.(html|append|prepend|before|after|replaceWith)\s*\((.+)\)",
        re.DOTALL,
    ),
    re.compile(r"(?:^|[^\w$.])(?:\$|jQuery)()\s*\(((?:[^()]|\([^()]*\))+)\)$", re.DOTALL),
    re.compile(r"\.(srcdoc)\s*=(?!=)\s*(.+)$", re.DOTALL),
    re.compile(r"\.(createContextualFragment|parseHTML)\s*\((.+)\)", re.DOTALL),
)
_CODE: Final = (
    re.compile(r"(?<![\w$.])(?:window\.)?(eval|setTimeout|setInterval|execScript)\s*\((.+)\)", re.DOTALL),
    re.compile(r"\bnew\s+(Function)\s*\((.+)\)", re.DOTALL),
)
_PLACE: Final = (
    re.compile(
        r"(?<![\w$.])(?:(?:window|document|self|top)\.)?(location(?:\.href)?)\s*=(?![=>])\s*(.+)$", re.DOTALL
    ),
    re.compile(
        r"(?<![\w$.])(?:(?:window|document|self|top)\.)?(location\.(?:assign|replace))\s*\((.+)\)", re.DOTALL
    ),
)


@dataclass(frozen=True, slots=True)
class ScriptFlow:
    """What a script takes from ``source`` and gives to ``sink``; ``kind`` is "markup", "code" or "address"."""

    kind: str
    source: str
    sink: str
    location: Location


@dataclass(frozen=True, slots=True)
class _Statement:
    line: int
    text: str
    scope: tuple[int, ...]


def script_flows(path: str, text: str) -> Iterator[ScriptFlow]:
    """Yield the flows from the page's own address to a sink, in a page's scripts or in a ``.js`` file."""
    if len(text) > _MAX or not ("location" in text or "document." in text or "window.name" in text):
        return
    lines = text.splitlines()
    if path.endswith(".js") and any(len(line) > _PACKED for line in lines):
        return  # what a bundler wrote
    for first, script in _scripts(path, text):
        statements, functions = _statements(script)
        names = _named(statements, functions)
        seen = set()
        for statement in statements:
            for kind, sink, given in _sinks(statement.text):
                found = _dirty(given, statement.scope, names)
                number = first + statement.line
                if (
                    found
                    and (number, kind) not in seen
                    and not (kind == "address" and not _chooses(given, found))
                ):
                    seen.add((number, kind))
                    code = lines[number - 1].strip() if number <= len(lines) else ""
                    yield ScriptFlow(kind, found, sink, Location(path, number, 1, code=code))


def markup_names(text: str) -> frozenset[str]:
    """Return the variables of a page's scripts that end in a sink for markup or code."""
    if len(text) > _MAX or "script" not in text:
        return frozenset()
    found: set[str] = set()
    for _, script in _scripts("", text):
        statements, _functions = _statements(script)
        for _ in range(_ROUNDS):
            before = len(found)
            for statement in statements:
                for kind, _sink, given in _sinks(statement.text):
                    if kind != "address":
                        found.update(_NAME.findall(_CLEAN.sub("", given)))
                match = _ASSIGNED.match(statement.text)
                if match and match.group(1) in found:
                    found.update(_NAME.findall(_CLEAN.sub("", match.group(2))))
            if len(found) == before:
                break
    return frozenset(found)


def _scripts(path: str, text: str) -> Iterator[tuple[int, str]]:
    if path.endswith(".js"):
        yield 1, text
        return
    for match in _SCRIPT.finditer(text):
        if "src=" not in match.group(1).lower() and "json" not in match.group(1).lower():
            blank = _JINJA.sub(lambda found: "0" + "\n" * found.group().count("\n"), match.group(2))
            yield text.count("\n", 0, match.start(2)) + 1, blank


def _chooses(given: str, found: str) -> bool:
    """Whether what is taken from the address decides where to go, not only a part behind a fixed beginning."""
    fixed = re.match(
        r"\s*(['\"`]\s*[\w/?#.]|('' \+ )?\(?(window\.|document\.)?location\.(pathname|origin|protocol))",
        given,
    )
    return not fixed and ("search" in found + given or "get(" in given)


# Reading statements.
def _statements(script: str) -> tuple[list[_Statement], dict[str, tuple[tuple[int, ...], list[str]]]]:
    """Cut a script into statements, each with the functions that it is in; comments and the insides of strings are left out."""
    found: list[_Statement] = []
    functions: dict[str, tuple[tuple[int, ...], list[str]]] = {}
    braces: list[int] = []  # for each open brace, the function that it opens, 0 for others
    current: list[str] = []
    line = start = count = depth = 0

    def scope() -> tuple[int, ...]:
        return tuple(number for number in braces if number)

    def finish() -> None:
        nonlocal current
        text = "".join(current).strip()
        if text:
            found.append(_Statement(start, text, scope()))
        current = []

    for piece in _tokens(script):
        newlines = piece.count("\n")
        if not current and piece.strip():
            start = line
        if piece == "{":
            head = "".join(current)
            opened = _FUNCTION.search(head) or _ARROW.search(head)
            number = 0
            if opened is not None:
                count += 1
                number = count
                groups = opened.groups()
                parameters = [
                    part.strip().partition("=")[0].strip()
                    for part in (groups[1] or groups[-1] or "").split(",")
                ]
                functions[groups[0] or f"<{number}>"] = ((*scope(), number), parameters)
            finish()
            braces.append(number)
            depth = 0
        elif piece == "}":
            finish()
            if braces:
                braces.pop()
            depth = 0
        elif piece == ";" or (newlines and depth == 0 and _ended(current)):
            finish()
        else:
            depth = max(0, depth + (piece in ("(", "[")) - (piece in (")", "]")))
            if current or piece.strip():
                current.append(" " if newlines else piece)
        line += newlines
    finish()
    return found, functions


def _ended(current: list[str]) -> bool:
    text = "".join(current).rstrip()
    return bool(text) and text[-1] not in "=+-*/,.(&|?:<>["


_TOKEN: Final = re.compile(
    r"//[^\n]*|/\*.*?\*/|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`|[{}();\[\]\n]|[^\"'`{}();\[\]\n/]+|/",
    re.DOTALL,
)


def _tokens(script: str) -> Iterator[str]:
    for match in _TOKEN.finditer(script):
        piece = match.group()
        if piece.startswith(("//", "/*")):
            if "\n" in piece:
                yield "\n" * piece.count("\n")
        elif piece.startswith("`"):
            inside = " + ".join(re.findall(r"\$\{([^}]*)\}", piece))
            begin = piece[1:].partition("$")[0].rstrip("`")
            yield (_quoted(begin) + (f" + ({inside})" if inside else "")).replace(
                "\n", " "
            ) + "\n" * piece.count("\n")
        elif piece.startswith(("'", '"')):
            yield _quoted(piece[1:-1])
        else:
            yield piece


def _quoted(text: str) -> str:
    """A string without what could be taken for code; what an address begins with is kept."""
    return "'" + re.sub(r"[^\w/?#.:=<& -]", "", text.replace("\n", " "))[:20].replace("location", "") + "'"


# What names hold.
_Names = dict[tuple[tuple[int, ...], str], str]


def _named(statements: list[_Statement], functions: dict[str, tuple[tuple[int, ...], list[str]]]) -> _Names:
    names: _Names = {}
    for _ in range(_ROUNDS):
        before = len(names)
        for statement in statements:
            match = _UNPACKED.match(statement.text) or _ASSIGNED.match(statement.text)
            if match:
                found = _dirty(match.group(2), statement.scope, names)
                for name in _NAME.findall(match.group(1)) if found else ():
                    names.setdefault((statement.scope, name), found)
            _handed(statement, functions, names)
        if len(names) == before:
            break
    return names


def _handed(
    statement: _Statement, functions: dict[str, tuple[tuple[int, ...], list[str]]], names: _Names
) -> None:
    """Give the parameters of a function what a statement calls it with."""
    for match in re.finditer(
        r"(?<![\w$.])([A-Za-z_$][\w$]*)\s*\(([^()]*(?:\([^()]*\)[^()]*)*)\)", statement.text
    ):
        known = functions.get(match.group(1))
        if known is None:
            continue
        scope, parameters = known
        for parameter, given in zip(parameters, match.group(2).split(","), strict=False):
            found = _dirty(given, statement.scope, names)
            if found and parameter:
                names.setdefault((scope, parameter), found)


def _source(code: str) -> str:
    match = _ADDRESS.search(code)
    return match.group(1) if match else ""


def _dirty(code: str, scope: tuple[int, ...], names: _Names) -> str:
    """Return which part of the address is in an expression, "" when none is."""
    for _ in range(3):
        code = _CLEAN.sub("0", code)
    plain = re.sub(r"'[^']*'", "''", code)
    found = _source(plain)
    if found:
        return found
    for name in _NAME.findall(plain):
        inside = scope
        while True:
            known = names.get((inside, name))
            if known:
                return known
            if not inside:
                break
            inside = inside[:-1]
    return ""


def _sinks(code: str) -> Iterator[tuple[str, str, str]]:
    for kind, patterns in (("markup", _MARKUP), ("code", _CODE), ("address", _PLACE)):
        for pattern in patterns:
            match = pattern.search(code)
            if match:
                yield kind, match.group(1) or "$()", match.group(2)
