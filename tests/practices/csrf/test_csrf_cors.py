"""Scripts of listed origins may call; nobody else is ever named in an answer."""

from __future__ import annotations

import pytest

from fumehood import ConfigurationError, public
from hooded import HTTPS, browser, hooded_app

SHOP, EVIL = "https://shop.example", "https://evil.example"
ALLOW = "Access-Control-Allow-Origin"


def client(tmp_path, **settings):
    app = hooded_app(tmp_path, {"cors_origins": [SHOP], **settings})
    app.add_url_rule("/api", "api", public(lambda: "x"), methods=["GET", "PUT"])
    return browser(app)


def preflight(client, origin, path="/api"):
    asked = {"Origin": origin, "Access-Control-Request-Method": "PUT", "Sec-Fetch-Site": "cross-site"}
    return client.options(path, base_url=HTTPS, headers=asked)


def call(client, origin, **more):
    return client.put(
        "/api", base_url=HTTPS, headers={"Origin": origin, "Sec-Fetch-Site": "cross-site"}, **more
    )


def test_a_listed_origin_is_answered_before_and_at_the_call(tmp_path):
    shop = client(tmp_path)
    before = preflight(shop, SHOP)
    assert before.status_code == 204
    assert before.headers[ALLOW] == SHOP
    assert "PUT" in before.headers["Access-Control-Allow-Methods"].split(", ")
    assert before.headers["Access-Control-Allow-Headers"] == "Authorization, Content-Type, X-CSRFToken"
    answer = call(shop, SHOP)
    assert (answer.status_code, answer.headers[ALLOW]) == (200, SHOP)
    assert "Origin" in answer.vary


@pytest.mark.parametrize(
    "origin", [EVIL, "null", f"{SHOP}.evil.example", "http://shop.example", f"{SHOP}/", "*"]
)
def test_another_origin_is_never_named(tmp_path, origin):
    shop = client(tmp_path, cors_credentials=True)
    assert ALLOW not in preflight(shop, origin).headers
    answer = call(shop, origin)
    assert answer.status_code == 403
    assert ALLOW not in answer.headers
    assert "Origin" in answer.vary


def test_without_a_list_nobody_is_named(tmp_path):
    answer = call(browser(hooded_app(tmp_path)), SHOP)
    assert ALLOW not in answer.headers


def test_cookies_only_where_credentials_are_allowed(tmp_path):
    for allowed, status in ((False, 403), (True, 200)):
        shop = client(tmp_path / str(allowed), cors_credentials=allowed)
        shop.set_cookie("any", "thing", domain="notes.example")
        answer = call(shop, SHOP)
        assert answer.status_code == status
        assert (answer.headers.get("Access-Control-Allow-Credentials") == "true") is allowed


def test_an_address_that_does_not_exist_is_no_preflight(tmp_path):
    assert preflight(client(tmp_path), SHOP, "/nowhere").status_code == 404


@pytest.mark.parametrize(
    "origin", ["*", "https://shop.example/", "shop.example", "https://Shop.example", "null"]
)
def test_a_list_with_anything_but_origins_stops_the_start(tmp_path, origin):
    with pytest.raises(ConfigurationError, match="cors_origins"):
        hooded_app(tmp_path, {"cors_origins": [origin]})
