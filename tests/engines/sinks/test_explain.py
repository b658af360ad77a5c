"""What a program wrote itself is known before the first request."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest
from werkzeug.local import LocalProxy

from fumehood.engines.sinks.explain import remember_what_is_written


def test_what_a_proxy_stands_for_is_not_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Flask-Security's modules hold proxies of extensions that an application need not have."""

    def nothing() -> object:
        raise KeyError("csrf")

    module = ModuleType("careful")
    vars(module).update(proxy=LocalProxy(nothing), table={"a": LocalProxy(nothing)})
    monkeypatch.setitem(sys.modules, "careful", module)
    remember_what_is_written()
