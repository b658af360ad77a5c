"""Settings are read once, wrong ones stop the start with one message that says how to mend them all."""

from __future__ import annotations

import sys
from dataclasses import MISSING, asdict, fields
from importlib import util
from pathlib import Path

import pytest
from flask import Flask

from fumehood import ConfigurationError, Fumehood
from fumehood.findings import PRACTICES
from fumehood.settings import PREFIX, Settings, read

DOCS = Path(__file__).parents[1] / "docs"


def default_of(item):
    return item.default if item.default is not MISSING else item.default_factory()


def test_nothing_configured_is_the_default():
    assert asdict(read({})) == asdict(Settings())


def test_other_names_are_none_of_our_business():
    assert asdict(read({"SECRET_KEY": "x", "DEBUG": True})) == asdict(Settings())


def test_values_from_the_environment_are_strings(monkeypatch):
    app = Flask("notes")
    monkeypatch.setenv("FLASK_FUMEHOOD_PROXIES", "1")
    monkeypatch.setenv("FLASK_FUMEHOOD_HEALTH_PATHS", "/healthz, /ready")
    monkeypatch.setenv("FLASK_FUMEHOOD_HSTS_SUBDOMAINS", "off")
    monkeypatch.setenv("FLASK_FUMEHOOD_PERMISSIONS_POLICY", '{"camera": "(self)"}')
    app.config.from_prefixed_env()
    settings = read(app.config)
    assert settings.proxies == 1
    assert settings.health_paths == ("/healthz", "/ready")
    assert settings.hsts_subdomains is False
    assert settings.permissions_policy == {"camera": "(self)"}


def test_the_environment_counts_where_the_application_says_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("FUMEHOOD_PROXIES", "1")
    monkeypatch.setenv("FUMEHOOD_HOSTS", "notes.example, www.notes.example")
    monkeypatch.setenv("FUMEHOOD_HEALTH_PATHS", '["/healthz"]')
    monkeypatch.setenv("FLASK_FUMEHOOD_HSTS_SECONDS", "3600")
    monkeypatch.setenv("FUMEHOOD_INSTANCE", str(tmp_path))  # not the hood's, and known
    app = Flask("notes", instance_path=str(tmp_path))
    app.testing = True
    app.config["FUMEHOOD_PROXIES"] = 2
    Fumehood(app)
    settings = app.extensions["fumehood"].settings
    assert settings.proxies == 2
    assert settings.hosts == ("notes.example", "www.notes.example")
    assert settings.health_paths == ("/healthz",)
    assert settings.hsts_seconds == 3600


@pytest.mark.parametrize("name", ["FUMEHOOD_PROXIE", "FLASK_FUMEHOOD_PROXIE"])
def test_a_wrong_name_in_the_environment_stops_the_start(tmp_path, monkeypatch, name):
    monkeypatch.setenv(name, "1")
    with pytest.raises(ConfigurationError, match=f"{name} is not a setting .* mean {name}S"):
        Fumehood(Flask("notes", instance_path=str(tmp_path)))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        (
            "hsts_max_age",
            "settings['hsts_subdomains'] or settings['hsts_seconds'] or settings['hsts_preload']",
        ),
        ("uploads_max_size", "settings['uploads_max_pixels']"),
        ("upload_url", "settings['uploads_url']"),
    ],
)
def test_a_name_that_does_not_exist_leads_to_those_that_do(name, meant):
    with pytest.raises(ConfigurationError) as raised:
        read({}, {name: 1})
    assert f"settings['{name}'] is not a setting of Fumehood; did you mean {meant}" in str(raised.value)


def test_what_the_code_gives_wins():
    assert read({"FUMEHOOD_PROXIES": 1}, {"proxies": 2}).proxies == 2


def test_all_that_is_wrong_is_told_at_once_and_no_value_is_shown():
    wrong = {
        "FUMEHOOD_PROXIES": "s3cret",
        "FUMEHOOD_HTTPS": "perhaps",
        "FUMEHOOD_HSTS_SECOND": 5,
        "FUMEHOOD_XYZZY": 1,
    }
    with pytest.raises(ConfigurationError) as raised:
        read(wrong, {"csp": "[]"})
    message = str(raised.value)
    assert "FUMEHOOD_PROXIES must be a whole number of at least 0 and at most 10" in message
    assert "FUMEHOOD_HTTPS must be true or false" in message
    assert "did you mean FUMEHOOD_HSTS_SECONDS?" in message
    assert "FUMEHOOD_XYZZY is not a setting of Fumehood." in message
    assert "settings['csp'] must be a dictionary" in message
    assert "s3cret" not in message


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("proxies", True),
        ("proxies", -1),
        ("proxies", 1.5),
        ("https", 1),
        ("health_paths", 7),
        ("health_paths", [7]),
        ("csp_report_url", None),
        ("coop", "anything"),
        ("csp", {1: "x"}),
        ("cors_origins", "*"),
    ],
)
def test_a_wrong_type_or_range_stops_the_start(name, value):
    with pytest.raises(ConfigurationError, match=f"{PREFIX}{name.upper()} must be"):
        read({f"{PREFIX}{name.upper()}": value})


@pytest.mark.parametrize("item", fields(Settings), ids=lambda item: item.name)
def test_every_setting_says_whose_it_is_and_why(item):
    assert item.metadata["practice"] in {practice.name for practice in PRACTICES}
    assert item.metadata["why"].endswith(".")


@pytest.mark.parametrize("item", fields(Settings), ids=lambda item: item.name)
def test_every_default_is_allowed_and_not_weaker_than_itself(item):
    default = default_of(item)
    assert item.metadata["parse"](default) == default
    weaker = item.metadata["weaker"]
    assert weaker is None or not weaker(default)


def test_two_applications_do_not_share_a_default():
    assert Settings().csp is not Settings().csp


def test_every_setting_is_in_the_documentation(monkeypatch):
    spec = util.spec_from_file_location("written_pages", DOCS / "written_pages.py")
    written_pages = util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "written_pages", written_pages)
    spec.loader.exec_module(written_pages)
    page = written_pages._settings()
    missing = [item.name for item in fields(Settings) if f"{PREFIX}{item.name.upper()}" not in page]
    assert not missing
