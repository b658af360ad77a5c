"""The operations of an OpenAPI file: which function answers which path. Reads JSON, and YAML as far as it is indented plainly."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

__all__ = ["Operation", "operations"]

_METHODS: Final = frozenset({"get", "post", "put", "patch", "delete", "head", "options"})
_KEY: Final = re.compile(r"^( *)(?:- )?(['\"]?)([^'\":#]+|/[^'\"]*?)\2\s*:(?:\s+(.*?))?\s*$")
_MAX: Final = 2_000_000


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: its path with ``{name}`` parameters, its method, the dotted name of the function that answers."""

    path: str
    method: str
    function: str
    secured: bool


def operations(text: str) -> Iterator[Operation]:
    """Yield the operations of an OpenAPI file; nothing when it is none."""
    if len(text) > _MAX:
        return
    if text.lstrip().startswith("{"):
        try:
            data = json.loads(text)
        except (ValueError, RecursionError):
            return
        yield from _of_json(data)
    else:
        yield from _of_yaml(text)


def _of_json(data: Any) -> Iterator[Operation]:
    paths = data.get("paths") if isinstance(data, dict) else None
    for path, item in paths.items() if isinstance(paths, dict) else ():
        for method, operation in item.items() if isinstance(item, dict) else ():
            if (
                method in _METHODS
                and isinstance(operation, dict)
                and isinstance(operation.get("operationId"), str)
            ):
                owner = operation.get("x-openapi-router-controller") or operation.get(
                    "x-swagger-router-controller"
                )
                name = f"{owner}.{operation['operationId']}" if owner else operation["operationId"]
                yield Operation(
                    path, method.upper(), name, bool(operation.get("security", data.get("security")))
                )


def _of_yaml(text: str) -> Iterator[Operation]:
    """Follow keys by their indentation: ``paths``, below it a path, a method, and its ``operationId``."""
    trail: list[tuple[int, str]] = []
    path = method = function = owner = ""
    secured = False
    for line in text.splitlines():
        match = _KEY.match(line)
        if match is None:
            continue
        indent, key, value = len(match.group(1)), match.group(3).strip(), (match.group(4) or "").strip(" '\"")
        while trail and trail[-1][0] >= indent:
            trail.pop()
        names = [name for _, name in trail]
        if len(names) <= 2 and function:
            yield Operation(path, method, f"{owner}.{function}" if owner else function, secured)
            function = owner = ""
        if names == ["paths"]:
            path = key
        elif len(names) == 2 and names[0] == "paths" and key in _METHODS:
            method, secured = key.upper(), False
        elif len(names) == 3 and names[0] == "paths":
            if key == "operationId":
                function = value
            elif key in ("x-openapi-router-controller", "x-swagger-router-controller"):
                owner = value
            elif key == "security":
                secured = True
        trail.append((indent, key))
    if function:
        yield Operation(path, method, f"{owner}.{function}" if owner else function, secured)
