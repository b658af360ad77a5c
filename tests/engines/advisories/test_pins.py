"""What a project pins is read from its files; nothing is installed or resolved."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fumehood.engines.advisories import Package, pinned

PYLOCK = """
lock-version = "1.0"
[[packages]]
name = "flask"
version = "2.2.0"
[[packages]]
name = "shop"
directory = { path = "." }
"""
UV = """
version = 1
[[package]]
name = "flask"
version = "2.2.0"
source = { registry = "https://pypi.org/simple" }
[[package]]
name = "shop"
version = "1.0"
source = { editable = "." }
"""
POETRY = '[[package]]\nname = "Flask"\nversion = "2.2.0"\noptional = false\n'
PIPFILE = '{"_meta": {"sources": []}, "default": {"flask": {"version": "==2.2.0"}, "x": {"git": "https://h/x"}}, "develop": {}}'
REQUIREMENTS = """
# comment
Flask==2.2.0 \\
    --hash=sha256:abc \\
    --hash=sha256:def  # via shop
requests>=2,<3
"""


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("requirements.txt", REQUIREMENTS),
        ("requirements-dev.txt", REQUIREMENTS),
        ("dev-requirements.txt", REQUIREMENTS),
        ("requirements/base.txt", REQUIREMENTS),
        ("constraints.txt", "flask===2.2.0"),
        ("pylock.toml", PYLOCK),
        ("pylock.prod.toml", PYLOCK),
        ("uv.lock", UV),
        ("poetry.lock", POETRY),
        ("pdm.lock", POETRY),
        ("Pipfile.lock", PIPFILE),
        ("pyproject.toml", '[project]\nname="shop"\ndependencies = ["flask == 2.2.0"]'),
        ("pyproject.toml", '[project.optional-dependencies]\nweb = ["flask==2.2.0"]'),
        ("pyproject.toml", '[dependency-groups]\na = ["flask==2.2.0"]\nb = [{include-group = "a"}]'),
        ("pyproject.toml", '[tool.poetry.dependencies]\npython = "^3.11"\nflask = "2.2.0"'),
    ],
)
def test_each_kind_of_file_is_read(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text(text)
    pins = pinned(tmp_path)
    assert [(one.name, one.version, one.path) for one in pins.packages] == [("flask", "2.2.0", name)]
    assert not pins.problems
    assert pins.packages[0].line > 0


def test_the_line_of_a_pin_is_told(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text(REQUIREMENTS)
    assert pinned(tmp_path).packages == [Package("flask", "2.2.0", "requirements.txt", 3)]


@pytest.mark.parametrize(
    "line",
    [
        "flask",
        "flask>=2",
        "flask==2.*",
        "flask~=2.2",
        "flask @ https://h/f.zip",
        "-e ./x",
        "./x.whl",
        "https://h/x.zip",
    ],
)
def test_what_names_no_single_version_is_loose(tmp_path: Path, line: str) -> None:
    (tmp_path / "requirements.txt").write_text(line)
    pins = pinned(tmp_path)
    assert not pins.packages
    assert len(pins.loose) == 1
    assert not pins.locked


@pytest.mark.parametrize(
    "line",
    ["--index-url https://h/simple", "-i x", "--require-hashes", "# flask==1", "", "--no-binary :all:"],
)
def test_options_and_comments_are_no_requirements(tmp_path: Path, line: str) -> None:
    (tmp_path / "requirements.txt").write_text(line + "\nflask==2.2.0 ; python_version < '4'\n")
    pins = pinned(tmp_path)
    assert len(pins.packages) == 1
    assert not pins.loose
    assert pins.locked


def test_included_files_are_read_once(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text(
        "-r more.txt\n-c more.txt\n-r requirements.txt\n-r https://h/x.txt\n"
    )
    (tmp_path / "more.txt").write_text("flask==2.2.0\n")
    assert [one.path for one in pinned(tmp_path).packages] == ["more.txt"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("uv.lock", "[[package"),
        ("uv.lock", "package = 3"),
        ("Pipfile.lock", "{"),
        ("Pipfile.lock", "[]"),
        ("pyproject.toml", "project = 1"),
        ("pylock.toml", '[[packages]]\nversion="1"'),
    ],
)
def test_what_cannot_be_read_is_told(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    (tmp_path / "requirements.txt").write_text("flask==2.2.0")
    pins = pinned(tmp_path)
    assert [problem[0] for problem in pins.problems] == [name]
    assert len(pins.packages) == 1


def test_a_missing_include_is_told(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("-r gone.txt")
    assert pinned(tmp_path).problems == [("gone.txt", "No such file or directory")]


def test_a_missing_path_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        pinned(tmp_path / "none")


@given(
    text=st.text(max_size=200),
    name=st.sampled_from(["requirements.txt", "uv.lock", "Pipfile.lock", "pyproject.toml"]),
)
def test_no_text_makes_it_stumble(text: str, name: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.mktemp("any") / name
    file.write_bytes(text.encode("utf-8", "surrogatepass"))
    pinned(file)
