"""Whoever finds a hole learns from the site itself where to report it (RFC 9116)."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

import pytest

from fumehood import ConfigurationError
from fumehood.practices.https.securitytxt import PATH, written
from hooded import HTTPS, browser, hooded_app

FIELDS = {
    "Contact": ["mailto:security@notes.example", "https://notes.example/report"],
    "Expires": "2999-01-01T00:00:00Z",
}


def test_the_file_is_served_to_everybody(tmp_path):
    answer = browser(hooded_app(tmp_path, {"security_txt": FIELDS})).get(PATH, base_url=HTTPS)
    assert answer.content_type == "text/plain; charset=utf-8"
    assert answer.text.splitlines() == [
        "Contact: mailto:security@notes.example",
        "Contact: https://notes.example/report",
        "Expires: 2999-01-01T00:00:00Z",
    ]


def test_no_setting_no_file(tmp_path):
    assert browser(hooded_app(tmp_path)).get(PATH, base_url=HTTPS).status_code == 404


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"Contact": ""}, "Contact is missing"),
        ({"Expires": "tomorrow"}, "2027-06-30T00:00:00Z"),
        ({"Expires": "2999-01-01T00:00:00"}, "time zone"),
        ({"Contact": "security@notes.example"}, "mailto:"),
        ({"Contakt": "x"}, "not a field"),
        ({"Policy": "https://a.example/\nContact: mailto:evil@evil.example"}, "one line"),
    ],
)
def test_a_file_that_readers_would_reject_stops_the_start(change, says):
    with pytest.raises(ConfigurationError, match=says):
        written(FIELDS | change)


def test_an_expired_file_is_named_in_the_log(caplog):
    with caplog.at_level(logging.WARNING, "fumehood"):
        written(FIELDS | {"Expires": "2026-01-01T00:00:00Z"}, datetime(2026, 11, 24, tzinfo=UTC))
    assert "expired on 2026-01-01" in caplog.text
