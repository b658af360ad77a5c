"""Settings of an application that are set many at a time."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from fumehood.engines.code.heap import DictObject, Instance
from fumehood.engines.code.values import Cls, Const, Mod, Ref, Value
from fumehood.engines.code.written import assignment

__all__ = ["settings"]


def settings(
    how: str, value: Value, state: Any, node: ast.AST, core: Any
) -> Iterator[tuple[str, Value, ast.AST, str, str]]:
    """Give the settings in what ``config.from_object`` and its kin are handed: name, value, node, and file and scope if it is elsewhere."""
    if how == "from_object" and isinstance(value, Const) and isinstance(value.value, str):
        value = core.dotted(value.value)
    if isinstance(value, Ref):
        content = core.held(value, state)
        if isinstance(content, DictObject):
            for name, item in content.items.items():
                if isinstance(name, str):
                    yield name, item, node, "", ""
            return
        value = content.cls if isinstance(content, Instance) and content.cls is not None else value
    if isinstance(value, Cls):
        for base in value.bases:
            if isinstance(base, Cls):
                yield from settings(how, base, state, node, core)
        content = core.held(value, state)
        for name, item in content.attributes.items() if isinstance(content, Instance) else ():
            yield (
                name,
                item,
                assignment(value.node.body, name) or value.node,
                value.module.path,
                value.name,
            )
    elif isinstance(value, Mod) and not value.name.endswith("/"):
        module = core.project.module(value.name)
        for name, item in core.environment(value.name).items():
            if module is not None and name.isupper():
                yield name, item, assignment(module.tree.body, name) or module.tree, value.name, ""
