"""The first start makes everything, the second keeps it; what cannot work is said once, plainly."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from fumehood import ConfigurationError
from fumehood.starter import prepare
from fumehood.starter.setup import migrating
from starter.conftest import PASSWORD, Notebook

START = """
import sys
from fumehood.starter import create_app, prepare
prepare(create_app({"INSTANCE_PATH": sys.argv[1], "SQLALCHEMY_DATABASE_URI": sys.argv[2],
    "FUMEHOOD_ARGON2_MEMORY_KIB": 1024, "FUMEHOOD_ARGON2_PASSES": 1}))
"""


def test_the_first_start_shows_a_password_that_must_be_changed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    notebook = Notebook(tmp_path / "instance")
    prepare(notebook.app)
    said = capsys.readouterr().out
    email, password = re.findall(r"(?:e-mail|password) +(\S+)\n", said)
    admin = notebook.stranger()
    admin.email = email
    assert admin.sign_in(password).status_code == 302
    assert admin.get("/notes").location == "/change"
    assert admin.get("/people").location == "/change"
    assert admin.client.get("/api/notes", base_url="https://localhost").status_code == 302
    changed = admin.post("/change", password=password, new_password=PASSWORD, new_password_confirm=PASSWORD)
    assert changed.status_code == 302
    assert admin.get("/people").status_code == 200
    assert (notebook.folder.stat().st_mode & 0o777) == 0o700


def test_the_second_start_keeps_everything_and_shows_nothing(
    notebook: Notebook, capsys: pytest.CaptureFixture[str]
) -> None:
    address = notebook.person("mira").write("Kept")
    capsys.readouterr()
    again = Notebook(notebook.folder)
    prepare(again.app)
    assert capsys.readouterr().out == ""
    mira = again.stranger()
    mira.email = "mira@example.net"
    mira.sign_in(PASSWORD)
    assert "Kept" in mira.get(address).text


def test_nobody_else_on_the_machine_reads_the_notes_of_a_folder_that_was_there(tmp_path: Path) -> None:
    folder = tmp_path / "instance"
    folder.mkdir(mode=0o755)
    notebook = Notebook(folder)
    prepare(notebook.app)
    found = list(folder.glob("notebook.sqlite3*"))
    assert found
    assert {path.stat().st_mode & 0o077 for path in found} == {0}


def test_the_tables_are_what_the_models_say(any_notebook: Notebook) -> None:
    done = any_notebook.app.test_cli_runner().invoke(args=["db", "check"])
    assert done.exit_code == 0, done.output


def start_several(folder: Path, address: str, count: int = 3) -> list[str]:
    started = [
        subprocess.Popen(
            [sys.executable, "-c", START, str(folder), address],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(count)
    ]
    said = [process.communicate(timeout=60) for process in started]
    assert [process.returncode for process in started] == [0] * count, said
    return [out for out, _ in said]


def test_of_several_that_start_at_once_one_makes_the_administrator(tmp_path: Path) -> None:
    said = start_several(tmp_path / "instance", f"sqlite:///{tmp_path}/instance/notebook.sqlite3")
    assert sum("password" in words for words in said) == 1


@pytest.mark.server("postgresql")
def test_on_postgresql_too(tmp_path: Path, fresh_postgresql_url: str) -> None:
    said = start_several(tmp_path / "instance", fresh_postgresql_url, 2)
    assert sum("password" in words for words in said) == 1


def test_a_start_that_fails_half_way_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from fumehood.starter import setup

    notebook = Notebook(tmp_path / "instance")

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(setup, "_people", killed)
        with pytest.raises(KeyboardInterrupt):
            prepare(notebook.app)
    with notebook.app.app_context(), migrating() as connection:
        assert connection.execute(text("SELECT count(*) FROM sqlite_master")).scalar() == 0
    prepare(notebook.app)
    assert "password" in capsys.readouterr().out


def test_a_database_of_a_newer_version_is_left_alone(any_notebook: Notebook) -> None:
    with any_notebook.app.app_context(), migrating() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(ConfigurationError, match=r"newer version .* 9999.* DATABASE_URL"):
        prepare(any_notebook.app)


def test_a_database_that_is_down_is_one_clear_error(tmp_path: Path) -> None:
    address = "postgresql://notes:secret@127.0.0.1:9/notes"
    with pytest.raises(ConfigurationError, match="Start it, or set") as raised:
        prepare(Notebook(tmp_path / "instance", SQLALCHEMY_DATABASE_URI=address).app)
    assert "secret" not in str(raised.value)


def test_a_file_that_is_no_database_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "instance").mkdir()
    (tmp_path / "instance" / "notebook.sqlite3").write_text("not a database " * 100)
    with pytest.raises(ConfigurationError, match="cannot be used: file is not a database"):
        prepare(Notebook(tmp_path / "instance").app)


@pytest.mark.parametrize(
    ("config", "says"),
    [
        ({"SQLALCHEMY_DATABASE_URI": "nonsense"}, "DATABASE_URL must be"),
        ({"SQLALCHEMY_DATABASE_URI": "oracle://scott:tiger@db/x"}, "DATABASE_URL must be"),
        ({"NEWCOMERS": "everybody"}, "FLASK_NEWCOMERS must be"),
        ({"ADMINISTRATOR_EMAIL": "nobody"}, "FLASK_ADMINISTRATOR_EMAIL is 'nobody'"),
    ],
)
def test_what_makes_no_sense_is_told_before_anything_is_made(
    tmp_path: Path, config: dict[str, str], says: str
) -> None:
    with pytest.raises(ConfigurationError, match=says) as told:
        prepare(Notebook(tmp_path / "instance", **config).app)
    assert "tiger" not in str(told.value)
