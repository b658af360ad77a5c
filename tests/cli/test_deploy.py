"""``fumehood deploy``: what is written, and what is refused before anything is."""

from __future__ import annotations

import stat
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from fumehood.cli.deploy import command
from fumehood.settings import ConfigurationError
from servers.process import program

APP = """
from flask import Flask
from fumehood import Fumehood

app = Flask(__name__)
app.config.update(MAX_CONTENT_LENGTH=5_000_000, FUMEHOOD_MODE="development", FUMEHOOD_HSTS_SECONDS=31_536_000)
Fumehood(app)
"""


def deploy(*arguments: str) -> Result:
    return CliRunner().invoke(command, arguments)


def refused(*arguments: str) -> str:
    """The one message of a call that must not write anything."""
    done = deploy(*arguments)
    assert done.stdout == ""
    if isinstance(done.exception, ConfigurationError):  # main() prints it and exits with 2
        return str(done.exception)
    assert done.exit_code == 2
    return done.stderr


@pytest.mark.parametrize("server", ["nginx", "apache", "systemd"])
def test_one_option_is_enough(server: str) -> None:
    done = deploy(server, "--domain", "Notes.Example.org")
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("# notes.example.org")
    assert "{{" not in done.stdout
    assert "{%" not in done.stdout


def test_certificates_are_where_certbot_puts_them() -> None:
    assert "/etc/letsencrypt/live/a.example/privkey.pem" in deploy("nginx", "--domain", "a.example").stdout


@pytest.mark.parametrize(
    "domain",
    [
        "a.example; include /etc/passwd",
        "a.example\nserver {",
        "a.example }",
        "$host",
        "*.example.org",
        "-a.example",
        "a..example",
        "192.0.2.1",
        "::1",
        "a.example/x",
        "a.example:443",
        '"a.example"',
        "münchen.example",
        "a" * 64 + ".example",
        "",
    ],
)
def test_a_domain_that_is_none_never_reaches_the_file(domain: str) -> None:
    assert "must be a host name" in refused("nginx", "--domain", domain)


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--upstream", "127.0.0.1"),
        ("--upstream", "127.0.0.1:99999"),
        ("--upstream", "127.0.0.1:80;"),
        ("--upstream", "a b:80"),
        ("--certificate", "relative.pem"),
        ("--certificate", "/etc/x; }"),
        ("--key", "/etc/../etc/shadow"),
        ("--static", "/srv/a b"),
        ("--static", "/srv/$uri"),
    ],
)
@pytest.mark.parametrize("server", ["nginx", "apache"])
def test_other_values_are_checked_as_well(server: str, option: str, value: str) -> None:
    assert "must be" in refused(server, "--domain", "a.example", option, value)


@pytest.mark.parametrize(
    "app", ["shop:create_app --bind 0.0.0.0", "shop\nUser=root", "../shop", "shop:app()"]
)
def test_a_unit_runs_nothing_but_the_application(app: str, tmp_path: Path) -> None:
    from fumehood.practices.https.deploy import Service

    with pytest.raises(ConfigurationError, match="MODULE:ATTR"):
        Service(app=app)


def test_limits_are_those_of_the_application(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "limited_shop.py").write_text(APP)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    done = deploy("nginx", "--domain", "a.example", "--app", "limited_shop:app")
    assert done.exit_code == 0, done.output
    assert "client_max_body_size 5000000;" in done.stdout
    assert '"max-age=31536000; includeSubDomains"' in done.stdout
    assert "FUMEHOOD_PROXIES=1" in done.stderr
    assert "FUMEHOOD_SITE_URL=https://a.example" in done.stderr


def test_an_application_that_does_not_import_is_one_message() -> None:
    assert "no module 'nowhere'" in refused("nginx", "--domain", "a.example", "--app", "nowhere:app")


def test_a_file_is_written_whole_and_not_over_another(tmp_path: Path) -> None:
    path = tmp_path / "site.conf"
    assert deploy("nginx", "--domain", "a.example", "--output", str(path)).exit_code == 0
    first = path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) & 0o022 == 0
    assert "--force" in refused("apache", "--domain", "a.example", "--output", str(path))
    assert path.read_text() == first
    assert deploy("apache", "--domain", "a.example", "--output", str(path), "--force").exit_code == 0
    assert path.read_text() != first
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert "nowhere" in refused("nginx", "--domain", "a.example", "--output", str(tmp_path / "nowhere" / "x"))


def test_systemd_understands_the_unit_and_finds_little_that_it_exposes(tmp_path: Path) -> None:
    analyze = program("systemd-analyze", package="systemd")
    text = deploy("systemd", "--domain", "a.example", "--folder", str(tmp_path)).stdout
    unit = tmp_path / "site.service"
    # There is no virtual environment in that folder: another program stands in for what it would start.
    unit.write_text(text.replace(f"{tmp_path}/.venv/bin/fumehood", "/bin/true"))
    for arguments in (["verify"], ["security", "--offline=true", "--threshold=15"]):
        done = subprocess.run([analyze, *arguments, str(unit)], capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "site.service:" not in done.stderr
