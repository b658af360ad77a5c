"""Small applications to attack, written to a folder of their own, and the attack on them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fumehood.audit import all_rules
from fumehood.engines.attack.run import Attacked, AttackOptions, attack

HERE = Path(__file__).parent


@pytest.fixture
def attacked(tmp_path: Path) -> Callable[..., Attacked]:
    """Return ``attack(source, *rule ids)``: the application is ``shop/app.py`` in the test's folder."""

    def run(source: str, *ids: str, **options: Any) -> Attacked:
        root = project(tmp_path, source)
        rules = [rule for rule in all_rules() if rule.id in ids]
        return attack(root, "app", rules, AttackOptions(**{"seconds": 60.0, "each": 2.0, **options}))

    return run


def project(folder: Path, source: str) -> Path:
    root = folder / "shop"
    root.mkdir(exist_ok=True)
    (root / "app.py").write_text(source, "utf-8")
    return root


def fingerprint(folder: Path) -> dict[str, str]:
    """Every file's content and mode, byte for byte."""
    return {
        path.relative_to(folder).as_posix(): f"{path.lstat().st_mode:o} "
        + (hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "")
        for path in sorted(folder.rglob("*"))
    }
