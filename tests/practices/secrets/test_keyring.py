"""One key signs, older ones verify, and every worker knows them."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from fumehood.practices.interface import installed
from fumehood.practices.secrets.keyfile import KeyFile
from fumehood.practices.secrets.keyring import Keyring
from fumehood.settings import ConfigurationError
from hooded import hooded_app
from servers.process import until

MONTH = 31 * 86400.0


def ring(folder: Path, lifetime: float = MONTH) -> Keyring:
    return Keyring(KeyFile(folder / "fumehood" / "keys.json"), lambda: lifetime)


def test_the_first_start_makes_a_key_that_only_the_application_can_read(tmp_path: Path) -> None:
    keyring = ring(tmp_path)
    file = tmp_path / "fumehood" / "keys.json"
    assert len(keyring.current) >= 32
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700
    assert (file.parent / ".gitignore").read_text() == "*\n"


def test_a_second_start_finds_the_same_key(tmp_path: Path) -> None:
    assert ring(tmp_path).current == ring(tmp_path).current


def test_workers_that_start_at_once_agree_on_one_key(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path\n"
        "from fumehood.practices.secrets.keyfile import KeyFile\n"
        "sys.stdin.readline(); print(KeyFile(Path(sys.argv[1])).open()[0].text)"
    )
    file = str(tmp_path / "fumehood" / "keys.json")
    workers = [
        subprocess.Popen([sys.executable, "-c", code, file], stdin=-1, stdout=-1, text=True) for _ in range(4)
    ]
    with ThreadPoolExecutor(4) as pool:
        said = set(pool.map(lambda worker: worker.communicate("go\n")[0], workers))
    assert len(said) == 1
    assert len(said.pop().strip()) >= 43


def test_threads_that_start_at_once_agree_on_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        assert len({keyring.current for keyring in pool.map(lambda _: ring(tmp_path), range(16))}) == 1


def test_a_rotated_key_signs_and_the_old_one_verifies(tmp_path: Path) -> None:
    keyring = ring(tmp_path)
    old, generation = keyring.current, keyring.generation
    keyring.rotate(announce=0)
    assert keyring.all() == (keyring.current, old)
    assert keyring.current != old
    assert keyring.generation != generation


def test_a_new_key_is_known_to_all_workers_before_it_signs(tmp_path: Path) -> None:
    here, there = ring(tmp_path), ring(tmp_path)
    old = here.current
    key = here.rotate(announce=30)
    assert here.current == old
    assert here.all() == (old, bytes(key))
    assert there.refresh()
    assert there.all() == (old, bytes(key))


def test_an_announced_key_signs_when_its_time_has_come(tmp_path: Path) -> None:
    keyring = ring(tmp_path)
    key = keyring.rotate(announce=0.3)
    until(lambda: keyring.current == bytes(key), "the new key to sign", 10)


def test_a_running_worker_takes_a_new_key_by_itself(tmp_path: Path) -> None:
    here, there = ring(tmp_path), ring(tmp_path)
    key = here.rotate(announce=0)
    until(lambda: there.current == bytes(key), "the other worker to see it", 10)


def test_looking_for_new_keys_costs_one_stat_a_second(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyring = ring(tmp_path)
    assert keyring.current
    looks: list[int] = []
    stamp = KeyFile.stamp
    monkeypatch.setattr(KeyFile, "stamp", lambda self: (looks.append(1), stamp(self))[1])
    began = time.monotonic()
    for _ in range(2000):
        assert keyring.all()
    assert len(looks) <= time.monotonic() - began + 1


def test_keys_go_when_the_sessions_made_with_them_have_expired(tmp_path: Path) -> None:
    keyring = ring(tmp_path, lifetime=0.2)
    first = keyring.current
    keyring.rotate(announce=0)
    until(lambda: first not in keyring.all(), "the first key to go", 10)
    keyring.rotate(announce=0)
    kept = json.loads((tmp_path / "fumehood" / "keys.json").read_text())["keys"]
    assert first.decode() not in {row["key"] for row in kept}


def test_keys_whose_sessions_may_live_stay_through_fifty_rotations(tmp_path: Path) -> None:
    keyring = ring(tmp_path)
    first = keyring.current
    for _ in range(50):
        keyring.rotate(announce=0)
    assert len(keyring.all()) == 51
    assert keyring.all()[-1] == first


def test_a_leaked_key_can_be_dropped_at_once(tmp_path: Path) -> None:
    keyring = ring(tmp_path)
    leaked = keyring.current
    key = keyring.rotate(revoke=True)
    assert keyring.all() == (bytes(key),)
    assert leaked not in keyring.all()


def test_keys_for_one_purpose_are_worthless_for_another(tmp_path: Path) -> None:
    keyring = ring(tmp_path)
    assert keyring.derive("sessions") != keyring.derive("tokens")
    assert keyring.derive("sessions") == ring(tmp_path).derive("sessions")
    assert len(keyring.derive("sessions")) == 32
    before = keyring.derive("sessions")
    keyring.rotate(announce=0)
    assert keyring.derive_all("sessions")[1] == before


def test_derived_keys_follow_rfc_5869(tmp_path: Path) -> None:
    import hashlib
    import hmac

    keyring = ring(tmp_path)
    extracted = hmac.new(hashlib.sha256(b"fumehood").digest(), keyring.current, "sha256").digest()
    assert keyring.derive("p") == hmac.new(extracted, b"p\x01", "sha256").digest()


def test_a_file_that_vanishes_while_the_application_runs_logs_nobody_out(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    keyring = ring(tmp_path)
    key, file = keyring.current, tmp_path / "fumehood" / "keys.json"
    file.unlink()
    assert not keyring.refresh()
    assert keyring.current == key
    assert not file.exists()
    assert "cannot be read again" in caplog.text


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b'{"keys": []}', b'{"keys": [{"id": 1}]}', b"\xff\xfe", b'{"format": 1, "keys": 3}'],
)
def test_a_damaged_file_is_an_error_and_is_left_alone(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "fumehood" / "keys.json"
    file.parent.mkdir()
    file.write_bytes(content)
    with pytest.raises(ConfigurationError, match="is damaged"):
        ring(tmp_path)
    assert file.read_bytes() == content


def test_a_file_of_a_newer_version_is_an_error(tmp_path: Path) -> None:
    ring(tmp_path)
    file = tmp_path / "fumehood" / "keys.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"format": 99}))
    with pytest.raises(ConfigurationError, match="newer version"):
        ring(tmp_path)


def test_a_full_disk_leaves_no_part_of_a_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ConfigurationError, match="No space left"):
        ring(tmp_path)
    monkeypatch.undo()
    assert not [
        file
        for file in (tmp_path / "fumehood").iterdir()
        if "keys.json" in file.name and file.suffix != ".lock"
    ]
    assert ring(tmp_path).current


def test_a_full_disk_during_rotation_keeps_the_old_keys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyring = ring(tmp_path)
    key = keyring.current

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ConfigurationError, match="Nothing was changed"):
        keyring.rotate()
    monkeypatch.undo()
    assert ring(tmp_path).all() == (key,)


def test_flask_and_its_extensions_see_the_rotated_key(tmp_path: Path) -> None:
    app = hooded_app(tmp_path)
    keyring = installed(app).keyring
    old = app.secret_key
    key = keyring.rotate(announce=0)
    assert app.secret_key == key.text
    assert app.config["SECRET_KEY_FALLBACKS"] == [old]


def test_tests_write_no_key(tmp_path: Path) -> None:
    app = hooded_app(tmp_path, TESTING=True)
    assert len(installed(app).keyring.current) >= 32
    assert not (tmp_path / "instance" / "fumehood" / "keys.json").exists()
