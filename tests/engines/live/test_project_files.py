"""What the application runs on is read from the project's files; what its tests need is not."""

from __future__ import annotations

from pathlib import Path

from fumehood.engines.live.project import read_project


def test_requirements_of_tests_are_not_the_applications(tmp_path: Path) -> None:
    for name, text in {
        "requirements.txt": "flask==3.1.2\n",
        "tests/old/requirements.txt": "flask==1.0\n",
        "tests/image/Dockerfile": "FROM python:3.6\n",
        "Dockerfile": "FROM python:3.13\n",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    read = read_project(tmp_path)
    assert [item.name for item in read.requirements] == ["flask"]
    assert [version for version, _ in read.pythons] == ["3.13"]
