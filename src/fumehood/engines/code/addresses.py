"""Addresses taken apart and put together again: ``urlsplit``, ``_replace``, ``urlunsplit``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from fumehood.engines.code.facts import with_taint
from fumehood.engines.code.operations import concatenate, text_parts
from fumehood.engines.code.python import Call
from fumehood.engines.code.taint import without
from fumehood.engines.code.values import FIELDS, Const, External, Value

__all__ = ["ADDRESSES"]


def _together(at: Call) -> Value | None:
    known, _ = at.core.elements(at.args[0], at.state, at.node) if at.args else (None, None)
    return _whole(at, list(known)) if known is not None and len(known) in (5, 6) else None


def _whole(at: Call, parts: list[Value]) -> Value:
    """An address put together of scheme, host and the rest: without a host of its own it leads nowhere else."""
    scheme, host, *rest = (at.core.as_text(part, at.state) for part in parts)
    pieces: list[str | Value] = []
    if scheme != Const(""):
        pieces += [*text_parts(scheme), ":"]
    if host == Const(""):
        rest = [with_taint(part, lambda taints: without(taints, ("host", "redirect"))) for part in rest]
    else:
        pieces += ["//", *text_parts(host)]
        if isinstance(host, Const):  # a path is put behind a slash
            pieces.append("/")
    for part in rest:
        pieces += text_parts(part)
    return concatenate(pieces)


def _replaced(at: Call) -> Value:
    detail = tuple((f"part:{name}", value) for name, value in at.keywords.items() if name != "**")
    kept = tuple(item for item in at.func.detail if item[0] not in dict(detail))
    return External(at.func.path.removesuffix("._replace"), at.func.taint, True, (*detail, *kept))


def _written(at: Call) -> Value:
    kind = at.func.path.removesuffix(".geturl")
    holder = External(kind, at.func.taint, True, at.func.detail)
    return _whole(at, [at.core.attribute(holder, name, at.state, at.node) for name in FIELDS[kind]])


ADDRESSES: Final[dict[str, Callable[[Call], Value | None]]] = {
    "urllib.parse.urlunsplit": _together,
    "urllib.parse.urlunparse": _together,
    **{f"{kind}._replace": _replaced for kind in FIELDS},
    **{f"{kind}.geturl": _written for kind in FIELDS},
}
