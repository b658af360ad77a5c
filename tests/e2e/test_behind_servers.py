"""The starter behind the real nginx and the real Apache, each configured by ``fumehood deploy``."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest

from servers.client import ask
from servers.proxies import Front, front
from servers.starter import Started, start_starter

pytestmark = [pytest.mark.server("nginx"), pytest.mark.server("apache")]

DOMAIN = "notes.example.org"
CLIENT = "127.0.0.2"  # not the proxy's own address


@pytest.fixture(scope="module")
def starter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Started]:
    folder = tmp_path_factory.mktemp("starter")
    with start_starter(folder, "--proxies", "1", FUMEHOOD_HOSTS=DOMAIN, FUMEHOOD_PROXIES="1") as started:
        yield started


@pytest.fixture(scope="module", params=["nginx", "apache"])
def site(request: pytest.FixtureRequest, starter: Started) -> Iterator[Front]:
    with front(request.param, starter.address, DOMAIN, body_bytes=200_000) as running:
        yield running


def test_the_sign_in_page_has_every_header_once(site: Front) -> None:
    answer = ask(site, "/login")
    assert answer.status == 200
    for name in (
        "Strict-Transport-Security",
        "Content-Security-Policy",
        "X-Content-Type-Options",
        "Referrer-Policy",
        "Cross-Origin-Opener-Policy",
    ):
        assert len(answer.all(name)) == 1, name
    assert all("Secure" in cookie for cookie in answer.all("Set-Cookie"))


def test_a_redirect_of_the_application_stays_on_the_site(site: Front) -> None:
    (location,) = ask(site, "/").all("Location")
    assert location.startswith(("/", site.url + "/"))


def test_the_journal_has_the_real_address_and_not_the_claimed_one(site: Front, starter: Started) -> None:
    page = ask(site, "/login", source=CLIENT)
    token = re.search(rb'name="csrf_token"[^>]*value="([^"]+)"', page.body)
    cookie = "; ".join(value.partition(";")[0] for value in page.all("Set-Cookie"))
    form = "email=nobody@example.org&password=wrong-password-of-nobody"
    form += f"&csrf_token={token[1].decode()}" if token else ""
    refused = ask(
        site,
        "/login",
        [
            ("X-Forwarded-For", "203.0.113.9"),
            ("Forwarded", "for=203.0.113.9"),
            ("Origin", site.url),
            ("Sec-Fetch-Site", "same-origin"),
            ("Cookie", cookie),
            ("Content-Type", "application/x-www-form-urlencoded"),
        ],
        method="POST",
        body=form.encode(),
        source=CLIENT,
    )
    assert refused.status in {200, 400, 401}
    said = starter.command(
        "journal", "tail", "--app", "fumehood.starter:create_app", "--event", "login.failed", "--json"
    )
    last = json.loads(said.strip().splitlines()[-1])
    assert CLIENT in json.dumps(last)
    assert "203.0.113.9" not in said


def test_a_body_beyond_the_limit_does_not_reach_the_application(site: Front) -> None:
    assert ask(site, "/login", method="POST", body=bytes(200_001)).status == 413


@pytest.mark.parametrize("host", ["evil.example", "localhost"])
def test_another_host_name_gets_no_page(site: Front, host: str) -> None:
    try:
        answer = ask(site, "/login", host=host)
    except OSError:
        return  # nginx closes without a word
    assert answer.status in {400, 403, 421}
