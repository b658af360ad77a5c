"""What is wrong from outside, a setting, a file, a database, is one clear error with status 2, and leaves nothing half-written."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from servers.process import free_port

APP = """
from flask import Flask
from fumehood import Fumehood

app = Flask(__name__, instance_path={folder!r})
app.config.update({config!r})
Fumehood(app)
"""

# A disk that is full after so many bytes of one file; the write before that succeeds, as on a real one.
ALMOST_FULL = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100)); from fumehood.cli import main; main()"


def fumehood(
    place: Path, *arguments: str, environment: dict[str, str] | None = None, program: tuple[str, ...] = ()
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *(program or ("-m", "fumehood")), *arguments],
        cwd=place,
        env=os.environ | {"FUMEHOOD_HOSTS": "localhost"} | (environment or {}),
        capture_output=True,
        text=True,
        timeout=120,
    )


def written(place: Path, config: dict[str, object]) -> list[str]:
    (place / "shop.py").write_text(APP.format(folder=str(place / "instance"), config=config))
    return ["--app", "shop"]


def one_error(done: subprocess.CompletedProcess[str]) -> str:
    """Check that it is one message; return it in one line."""
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert done.stderr.startswith("fumehood: ")
    assert done.stdout == ""
    return " ".join(done.stderr.split())


def kept(place: Path) -> set[str]:
    return {str(path.relative_to(place)) for path in place.rglob("*") if "__pycache__" not in str(path)}


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"FUMEHOOD_PROXIES": "many"}, "FUMEHOOD_PROXIES must be a whole number"),
        ({"FUMEHOOD_UPLOADS_MAX_BYTES": None}, "FUMEHOOD_UPLOADS_MAX_BYTES must be a whole number"),
        ({"FUMEHOOD_HSTS_SECOND": 1}, "did you mean FUMEHOOD_HSTS_SECONDS?"),
        ({"FUMEHOOD_SECRET_KEY_FILE": "/nowhere/key"}, "The key file /nowhere/key (FUMEHOOD_SECRET_KEY_FILE) cannot be read"),
        ({"FUMEHOOD_SECRET_KEY_FILE": "/"}, "cannot be read: Is a directory"),
        ({"FUMEHOOD_DATABASE_URL": "nonsense"}, "FUMEHOOD_DATABASE_URL is not a database address"),
        ({"FUMEHOOD_DATABASE_URL": "sqlite:////proc/nowhere/hood.sqlite3"}, "cannot be made"),
        ({"FUMEHOOD_STORAGE_URL": "mongodb://127.0.0.1"}, "FUMEHOOD_STORAGE_URL must be"),
        ({"FUMEHOOD_UPLOADS_URL": "ftp://127.0.0.1"}, "FUMEHOOD_UPLOADS_URL"),
    ],
    ids=lambda value: next(iter(value.items())).__repr__() if isinstance(value, dict) else None,
)  # fmt: skip
def test_a_wrong_setting(tmp_path: Path, config: dict[str, object], said: str) -> None:
    assert said in one_error(fumehood(tmp_path, "routes", *written(tmp_path, config)))
    assert not list(tmp_path.rglob("*.writing"))


@pytest.mark.parametrize("driver", ["postgresql", "mysql+pymysql"])
def test_a_database_that_is_down(tmp_path: Path, driver: str) -> None:
    address = f"{driver}://shop:pear-tree-lane@127.0.0.1:{free_port()}/shop"
    said = one_error(fumehood(tmp_path, "routes", *written(tmp_path, {"FUMEHOOD_DATABASE_URL": address})))
    assert "The database of the hood's own tables" in said
    assert "Start it, or set FUMEHOOD_DATABASE_URL" in said
    assert "pear-tree-lane" not in said
    assert kept(tmp_path) == {"shop.py"}


def test_a_database_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "instance" / "fumehood").mkdir(parents=True)
    damaged = tmp_path / "instance" / "fumehood" / "hood.sqlite3"
    damaged.write_bytes(b"not a database, but somebody's letters" * 100)
    said = one_error(fumehood(tmp_path, "routes", *written(tmp_path, {})))
    assert "hood.sqlite3, cannot be used: file is not a database" in said
    assert damaged.read_bytes().startswith(b"not a database")


def test_an_unknown_name_in_the_environment_of_an_application_that_does_not_read_it(tmp_path: Path) -> None:
    done = fumehood(
        tmp_path, "routes", *written(tmp_path, {}), environment={"FUMEHOOD_HOST": "notes.example.org"}
    )
    assert "FUMEHOOD_HOST is not a setting of Fumehood; did you mean FUMEHOOD_HOSTS?" in one_error(done)
    assert kept(tmp_path) == {"shop.py"}


def test_a_disk_that_is_full_while_the_key_is_written(tmp_path: Path) -> None:
    app = written(tmp_path, {})
    said = one_error(fumehood(tmp_path, "routes", *app, program=("-c", ALMOST_FULL)))
    assert "keys.json could not be written" in said
    assert "Nothing was changed" in said
    folder = "instance/fumehood"
    assert kept(tmp_path) == {
        "shop.py", "instance", folder, f"{folder}/.gitignore", f"{folder}/keys.json.lock"
    }  # fmt: skip
    assert fumehood(tmp_path, "routes", *app).returncode == 0  # with room, it starts


@pytest.mark.parametrize(
    ("source", "target", "said"),
    [
        ("raise OSError('no luck')", "shop", "at shop.py:1 with OSError: no luck"),
        ("def (:", "shop", "at shop.py:1 with SyntaxError"),
        ("def create_app(config): ...", "shop", "missing a required argument: 'config'"),
        ("", "nowhere", "there is no module 'nowhere'"),
        ("", "shop:other", "has no 'other'"),
    ],
)
@pytest.mark.parametrize("command", [("routes",), ("audit",), ("keys", "list"), ("people", "list")])
def test_an_application_that_cannot_be_had(
    tmp_path: Path, command: tuple[str, ...], source: str, target: str, said: str
) -> None:
    (tmp_path / "shop.py").write_text(source)
    assert said in one_error(fumehood(tmp_path, *command, "--app", target))


def test_a_path_that_does_not_exist(tmp_path: Path) -> None:
    assert "nowhere does not exist" in one_error(fumehood(tmp_path, "audit", "nowhere"))
