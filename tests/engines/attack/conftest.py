"""Small applications to attack, written to a folder of their own, and the attack on them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fumehood.audit import all_rules
from fumehood.engines.attack.run import Attacked, AttackOptions, attack


@pytest.fixture
def project(tmp_path: Path) -> Callable[[str], Path]:
    """Return ``project(source)``: the folder of an application with that source as its ``app.py``."""

    def make(source: str) -> Path:
        root = tmp_path / "shop"
        root.mkdir(exist_ok=True)
        (root / "app.py").write_text(source, "utf-8")
        return root

    return make


@pytest.fixture
def attacked(project: Callable[[str], Path]) -> Callable[..., Attacked]:
    """Return ``attack(source, *rule ids)``: the application is ``shop/app.py`` in the test's folder."""

    def run(source: str, *ids: str, **options: Any) -> Attacked:
        root = project(source)
        rules = [rule for rule in all_rules() if rule.id in ids]
        return attack(root, "app", rules, AttackOptions(**{"seconds": 60.0, "each": 2.0, **options}))

    return run
