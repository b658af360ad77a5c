from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask

from fumehood import Fumehood

CHEAP = {"argon2_memory_kib": 1024, "argon2_passes": 1, "bcrypt_rounds": 4}


@pytest.fixture
def make_app() -> Callable[..., Flask]:
    """An app without accounts of the hood, as one with its own login has it."""

    def make(**settings: Any) -> Flask:
        app = Flask("notebook")
        app.testing = True
        Fumehood(app, settings={**CHEAP, **settings})
        return app

    return make


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Time that passes when the test says so: ``clock.now += 60``."""
    from fumehood.practices.passwords import counters, limits, throttle

    clock = SimpleNamespace(now=1_800_000_000.0)
    fake = SimpleNamespace(time=lambda: clock.now, monotonic=lambda: clock.now)
    for module in (counters, limits, throttle):
        monkeypatch.setattr(module, "time", fake)
    return clock
