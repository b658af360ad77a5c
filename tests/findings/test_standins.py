"""A rule that is not imported yet is the same rule."""

from __future__ import annotations

import sys

import pytest

import fumehood.practices
from fumehood.findings import Rule, discover, kept
from fumehood.findings.standins import StandIn, stand_ins


@pytest.fixture(autouse=True)
def _own_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


def known_bases(rule: Rule) -> set[type]:
    return {base for base in type(rule).__mro__ if base.__module__.startswith("fumehood.engines.")}


def test_each_stands_for_its_rule_in_all_that_it_declares():
    rules = discover(fumehood.practices)
    stand_ins(fumehood.practices)  # the first time writes them down
    for rule, stand_in in zip(rules, stand_ins(fumehood.practices), strict=True):
        assert is_stand_in(stand_in)
        assert known_bases(stand_in) == known_bases(rule)
        assert (type(stand_in).__name__, type(stand_in).__module__) == (
            type(rule).__name__,
            type(rule).__module__,
        )
        assert type(stand_in).__doc__ == type(rule).__doc__
        for name in dir(rule):
            held = getattr(rule, name)
            if not name.startswith("_") and not callable(held):
                assert (name, getattr(stand_in, name)) == (name, held)
                assert type(getattr(stand_in, name)) is type(held)


def test_one_is_imported_when_it_is_asked(monkeypatch):
    stand_ins(fumehood.practices)
    (rule,) = (rule for rule in stand_ins(fumehood.practices) if rule.id == "FH201")
    monkeypatch.delitem(sys.modules, type(rule).__module__)
    assert rule.weakness == rule.cwe
    assert type(rule).__module__ not in sys.modules
    assert rule.rule.id == "FH201"
    assert type(rule).__module__ in sys.modules


def test_another_installation_writes_them_down_anew(monkeypatch):
    stand_ins(fumehood.practices)
    monkeypatch.setattr(kept, "installation", lambda: "another")
    assert not any(map(is_stand_in, stand_ins(fumehood.practices)))
    assert all(map(is_stand_in, stand_ins(fumehood.practices)))


def is_stand_in(rule: Rule) -> bool:
    return isinstance(rule, StandIn)
