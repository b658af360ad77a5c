"""Keys that can be guessed or were published stop the start; good ones from anywhere are taken."""

from __future__ import annotations

import secrets
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from fumehood import Fumehood
from fumehood.practices.interface import installed
from fumehood.practices.secrets.strength import weakness
from fumehood.settings import ConfigurationError
from hooded import hooded_app
from servers.process import until

GUESSABLE = [
    "dev",
    "secret",
    "changeme",
    "my-super-secret-key-please-change-me-1234",
    "S3cr3tK3y!S3cr3tK3y!",
    "p@ssw0rdp@ssw0rdp@ssw0rd",
    "192b9bdd22ab9ed4d12e236c78afcb9a393ec15f71bbf5dc987d54727823bcbf",
    '_5#y2L"F4Q8z\n\xec]/',
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "abcdefghijklmnopqrstuvwxyz0123456789",
    "12345678901234567890123456789012",
    "xK9f-2bQ",
    b"\x00" * 32,
]


@pytest.mark.parametrize("key", GUESSABLE, ids=repr)
def test_a_key_that_can_be_guessed_stops_the_start(tmp_path: Path, key: Any) -> None:
    with pytest.raises(ConfigurationError, match="stops this start: the key from the setting SECRET_KEY"):
        hooded_app(tmp_path, SECRET_KEY=key)


@pytest.mark.parametrize("key", GUESSABLE[:5], ids=repr)
def test_in_development_it_only_warns(tmp_path: Path, key: str, caplog: pytest.LogCaptureFixture) -> None:
    hooded_app(tmp_path, {"mode": "development"}, SECRET_KEY=key)
    assert "In production this would stop the start" in caplog.text


def test_no_message_shows_the_key(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as error:
        hooded_app(tmp_path, SECRET_KEY="my-super-secret-key-please-change-me-1234")
    assert "super-secret" not in str(error.value)


@pytest.mark.parametrize(
    "make",
    [
        secrets.token_hex,
        secrets.token_urlsafe,
        secrets.token_bytes,
        lambda: secrets.token_hex(16),
        lambda: secrets.token_bytes(16),
    ],
)
def test_random_keys_start(tmp_path: Path, make: Callable[[], Any]) -> None:
    app = hooded_app(tmp_path, SECRET_KEY=(key := make()))
    assert installed(app).keyring.current == (key.encode() if isinstance(key, str) else key)
    assert app.secret_key == key


@pytest.mark.parametrize("length", [16, 24, 32, 64])
def test_a_thousand_random_keys_are_all_strong(length: int) -> None:
    assert not [key for _ in range(1000) if weakness((key := secrets.token_urlsafe(length)).encode())]
    assert not [key for _ in range(300) if weakness(key := secrets.token_bytes(length))]


def test_a_weak_retired_key_stops_the_start_too(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="key number 2"):
        hooded_app(tmp_path, SECRET_KEY=secrets.token_hex(), SECRET_KEY_FALLBACKS=["dev"])


def test_retired_keys_of_the_configuration_verify(tmp_path: Path) -> None:
    old = secrets.token_hex()
    app = hooded_app(tmp_path, SECRET_KEY=secrets.token_hex(), SECRET_KEY_FALLBACKS=[old])
    assert installed(app).keyring.all()[1] == old.encode()
    assert app.config["SECRET_KEY_FALLBACKS"] == [old]


def test_keys_come_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = secrets.token_urlsafe()
    monkeypatch.setenv("FUMEHOOD_SECRET_KEY", key)
    app = hooded_app(tmp_path, SECRET_KEY="dev")
    assert installed(app).keyring.all() == (key.encode(),)
    assert app.secret_key == key


def test_keys_come_from_a_file_and_follow_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "run-secret"
    old, new = secrets.token_urlsafe(), secrets.token_urlsafe()
    file.write_text(f"{old}\n")
    monkeypatch.setenv("FUMEHOOD_SECRET_KEY_FILE", str(file))
    app = hooded_app(tmp_path)
    keyring = installed(app).keyring
    assert keyring.all() == (old.encode(),)
    file.write_text(f"{new}\n\n{old}\n")
    until(lambda: keyring.all() == (new.encode(), old.encode()), "the keyring to follow", 10)
    assert app.secret_key == new


def test_keys_come_from_a_function(tmp_path: Path) -> None:
    keys = [secrets.token_urlsafe(), secrets.token_urlsafe()]
    app = hooded_app(tmp_path, FUMEHOOD_SECRET_KEY=lambda: keys)
    assert installed(app).keyring.all() == tuple(key.encode() for key in keys)


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"secret_key_file": "nowhere"}, "cannot be read: No such file"),
        ({"secret_key_file": "."}, "cannot be read: Is a directory"),
        ({"secret_key": lambda: 1 / 0}, "failed with ZeroDivisionError"),
        ({"secret_key": list}, "returned no key"),
        ({"secret_key": secrets.token_hex(), "secret_key_file": "x"}, "Both FUMEHOOD_SECRET_KEY"),
        ({"secret_key": 5}, "must be a string, bytes"),
    ],
)
def test_a_source_without_a_key_is_one_clear_error(
    tmp_path: Path, settings: dict[str, Any], says: str
) -> None:
    (tmp_path / "instance").mkdir()
    with pytest.raises(ConfigurationError, match=says):
        hooded_app(tmp_path, settings)
    assert not list((tmp_path / "instance").iterdir())


def test_a_key_file_that_everybody_can_change_stops_the_start(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(secrets.token_hex())
    file.chmod(0o666)
    with pytest.raises(ConfigurationError, match="chmod o-w"):
        hooded_app(tmp_path, {"secret_key_file": str(file)})


def test_an_empty_key_file_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("\n")
    with pytest.raises(ConfigurationError, match="is empty"):
        hooded_app(tmp_path, {"secret_key_file": str(tmp_path / "key")})


def test_rotating_a_configured_key_says_how(tmp_path: Path) -> None:
    app = hooded_app(tmp_path, SECRET_KEY=secrets.token_hex())
    with pytest.raises(ConfigurationError, match="SECRET_KEY_FALLBACKS"):
        installed(app).keyring.rotate()


def package(folder: Path, text: str) -> Flask:
    (folder / "shop").mkdir()
    (folder / "shop" / "__init__.py").write_text(text)
    return Flask("shop", root_path=str(folder / "shop"), instance_path=str(folder / "instance"))


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", str(folder), *arguments], check=True, capture_output=True)


def test_a_key_in_the_package_stops_the_start(tmp_path: Path) -> None:
    key = secrets.token_hex()
    app = package(tmp_path, f"SECRET_KEY = '{key}'\n")
    app.secret_key = key
    with pytest.raises(ConfigurationError, match=r"stands in .*__init__\.py"):
        Fumehood(app)


def test_a_key_in_a_tracked_file_beside_the_package_stops_the_start(tmp_path: Path) -> None:
    app = package(tmp_path, "")
    app.secret_key = key = secrets.token_hex()
    (tmp_path / ".env").write_text(f"FLASK_SECRET_KEY={key}\n")
    git(tmp_path, "init")
    git(tmp_path, "add", ".env")
    with pytest.raises(ConfigurationError, match=r"stands in .*\.env"):
        Fumehood(app)


def test_a_key_in_an_untracked_env_file_starts(tmp_path: Path) -> None:
    app = package(tmp_path, "")
    app.secret_key = key = secrets.token_hex()
    (tmp_path / ".env").write_text(f"FLASK_SECRET_KEY={key}\n")
    git(tmp_path, "init")
    git(tmp_path, "add", "shop")
    Fumehood(app)


def test_a_key_file_that_git_tracks_or_would_take_stops_the_start(tmp_path: Path) -> None:
    app = package(tmp_path, "")
    (tmp_path / "key").write_text(secrets.token_hex())
    git(tmp_path, "init")
    with pytest.raises(ConfigurationError, match="one `git add` publishes it"):
        Fumehood(app, settings={"secret_key_file": str(tmp_path / "key")})
    git(tmp_path, "add", "key")
    with pytest.raises(ConfigurationError, match="is tracked by git"):
        Fumehood(package_again(tmp_path), settings={"secret_key_file": str(tmp_path / "key")})


def test_a_key_file_that_git_ignores_starts(tmp_path: Path) -> None:
    app = package(tmp_path, "")
    (tmp_path / "key").write_text(secrets.token_hex())
    (tmp_path / ".gitignore").write_text("key\n")
    git(tmp_path, "init")
    Fumehood(app, settings={"secret_key_file": str(tmp_path / "key")})


def test_a_key_file_in_the_package_stops_the_start(tmp_path: Path) -> None:
    app = package(tmp_path, "")
    (tmp_path / "shop" / "key").write_text(secrets.token_hex())
    with pytest.raises(ConfigurationError, match="ships with it"):
        Fumehood(app, settings={"secret_key_file": str(tmp_path / "shop" / "key")})


def test_a_generated_key_in_a_work_tree_is_ignored_by_git_and_starts(tmp_path: Path) -> None:
    app = package(tmp_path, "")
    git(tmp_path, "init")
    Fumehood(app)
    listed = subprocess.run(
        ["git", "-C", str(tmp_path), "status", "--porcelain", "-uall"], capture_output=True, check=True
    )
    assert b"keys.json" not in listed.stdout


def test_settings_do_not_show_the_key(tmp_path: Path) -> None:
    key = secrets.token_urlsafe()
    app = hooded_app(tmp_path, FUMEHOOD_SECRET_KEY=key)
    assert key not in repr(installed(app).settings)
    assert key not in repr(installed(app).keyring.keys)


def package_again(folder: Path) -> Flask:
    return Flask("shop", root_path=str(folder / "shop"), instance_path=str(folder / "instance"))
