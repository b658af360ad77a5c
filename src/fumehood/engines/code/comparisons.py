"""What comparing two values tells: of the outcome, and of what a value cannot be any more."""

from __future__ import annotations

import ast
from typing import Any

from fumehood.engines.code.facts import facts_of_host
from fumehood.engines.code.values import (
    Cls,
    Const,
    External,
    Fact,
    Func,
    Mod,
    Ref,
    Text,
    Tuple,
    Unknown,
    Value,
)

__all__ = [
    "NONE",
    "Facts",
    "facts_of_absence",
    "facts_of_choice",
    "facts_of_parents",
    "is_own",
    "ordered",
    "same_value",
]


Facts = frozenset[Fact]
NONE: Facts = frozenset()


def facts_of_choice(taints: Any) -> Facts:
    """What holds once a value is one of those that the program chose."""
    facts = set()
    for taint in taints:
        facts.add((taint.source, taint.part, "*"))
        facts.add((taint.source, taint.part, "chosen"))
    return frozenset(facts) | facts_of_host(taints)


def is_own(taints: Any) -> bool:
    """Whether nothing but the program had a say in a value, or only what says where the program itself is reached."""
    return all("own" in taint.removed for taint in taints)


def facts_of_absence(taints: Any, text: str) -> Facts:
    facts = set()
    for taint in taints:
        facts.add((taint.source, taint.part, f"no:{text}"))
        if taint.part and taint.part[-1] == "[1:-1]":
            facts.add((taint.source, taint.part[:-1], f"inner:{text}"))
    return frozenset(facts)


def facts_of_parents(taints: Any) -> Facts:
    """What holds of a resolved path once a folder is known to be among its parents."""
    return frozenset(
        (taint.source, taint.part[:-1] if taint.part[-1:] == ("parents",) else taint.part, "path")
        for taint in taints
        if "resolved" in taint.removed
    )


def same_value(one: Value, other: Value) -> bool | None:
    if isinstance(one, Const) and isinstance(other, Const):
        return bool(one.value == other.value)
    if isinstance(one, Const):
        one, other = other, one
    if isinstance(other, Const):
        if isinstance(one, Ref | Tuple | Func | Cls | Mod) and not isinstance(other.value, tuple):
            return False
        if isinstance(one, Text):
            return False if other.value is None or not _fits(one, other.value) else None
        if other.value is None and isinstance(one, Unknown) and one.type in ("str", "int", "float", "bool"):
            return False
        if (
            isinstance(one, External)
            and other.value is None
            and one.instance
            and one.detail
            and one.detail[0][0] == "text"
        ):
            return False
    return None


def _fits(text: Text, value: Any) -> bool:
    if not isinstance(value, str):
        return isinstance(value, bytes)
    first, last = text.parts[0], text.parts[-1]
    return (not isinstance(first, str) or value.startswith(first)) and (
        not isinstance(last, str) or value.endswith(last)
    )


def ordered(operator: ast.cmpop, left: Value, right: Value) -> bool | None:
    if isinstance(left, Const) and isinstance(right, Const):
        try:
            if isinstance(operator, ast.Lt):
                return bool(left.value < right.value)
            if isinstance(operator, ast.LtE):
                return bool(left.value <= right.value)
            if isinstance(operator, ast.Gt):
                return bool(left.value > right.value)
            return bool(left.value >= right.value)
        except TypeError:
            return None
    return None
