"""Guessing passwords is slow, on one account or on many, from one address or many; and nobody can lock somebody else out."""

from __future__ import annotations

import concurrent.futures

import pytest
from flask import Flask, request

from fumehood import limit, login_attempt, public, verify_password
from fumehood.practices.passwords.throttle import address_group
from fumehood.settings import ConfigurationError

ADA, RIGHT = "ada@example.org", "seven herons on a wire"


def add_login(app: Flask) -> Flask:
    with app.app_context():
        stored = app.extensions["fumehood"].guards["passwords"].hasher.hash(RIGHT)

    @app.post("/enter")
    @public
    def enter():
        email, password = request.form["email"], request.form["password"]
        with login_attempt(email) as attempt:
            if verify_password(password, stored if email.casefold() == ADA else None):
                attempt.succeeded()
                return "welcome"
        return "no", 403

    return app


@pytest.fixture(params=["memory://", "", "redis"])
def login_app(request, make_app):
    """The same app on each of the three places where counters live."""
    url = request.getfixturevalue("fresh_redis_url") if request.param == "redis" else request.param
    return add_login(make_app(storage_url=url))


@pytest.fixture
def app(make_app):
    return add_login(make_app(storage_url="memory://"))


def knock(client, password="wrong password", email=ADA, address="203.0.113.7"):
    return client.post(
        "/enter",
        data={"email": email, "password": password},
        base_url="https://localhost",
        environ_base={"REMOTE_ADDR": address},
        headers={"Sec-Fetch-Site": "same-origin"},
    )


# What is stopped.


def test_guessing_one_account_from_one_address_has_to_wait(login_app):
    client = login_app.test_client()
    answers = [knock(client).status_code for _ in range(7)]
    assert answers == [403] * 5 + [429] * 2
    refused = knock(client, RIGHT)
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["Retry-After"]) <= 15


def test_waits_double_and_end_after_fifteen_minutes_at_most(app, clock):
    client = app.test_client()
    for _ in range(5):
        knock(client)
    waits = []
    for _ in range(9):
        refused = knock(client)
        waits.append(int(refused.headers["Retry-After"]))
        clock.now += waits[-1] + 0.01
        assert knock(client).status_code == 403
    assert waits == [15, 30, 60, 120, 240, 480, 900, 900, 900]


def test_guessing_one_account_from_many_addresses_has_to_wait(app, clock):
    client = app.test_client()
    answers = [knock(client, address=f"198.51.100.{number}").status_code for number in range(40)]
    assert answers == [403] * 20 + [429] * 20


def test_one_password_tried_on_many_accounts_has_to_wait(app, clock):
    client = app.test_client()
    answers = [knock(client, email=f"person{number}@example.org").status_code for number in range(60)]
    assert answers == [403] * 50 + [429] * 10


def test_addresses_of_one_ipv6_network_are_one_address(app, clock):
    client = app.test_client()
    answers = [knock(client, address=f"2001:db8:1:2::{number:x}").status_code for number in range(1, 8)]
    assert answers == [403] * 5 + [429] * 2
    assert address_group("::ffff:192.0.2.1") == "192.0.2.1"


def test_a_thousand_tries_at_once_are_not_a_thousand_free_ones(app):
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: knock(app.test_client()).status_code, range(40)))
    assert answers.count(403) == 5


def test_upper_case_and_spaces_make_no_new_account(app, clock):
    client = app.test_client()
    for variant in (ADA, ADA.upper(), f" {ADA}", f"{ADA} ", "Ada@Example.org"):
        assert knock(client, email=variant).status_code == 403
    assert knock(client).status_code == 429


def test_a_forged_cookie_does_not_make_a_known_browser(app, clock):
    client = app.test_client()
    client.set_cookie("__Host-device", "eyJhIjoiYiJ9.aaaa.bbbb", secure=True)
    answers = [knock(client).status_code for _ in range(6)]
    assert answers[-1] == 429


def test_an_attackers_own_account_gives_no_free_tries_on_another(app, clock):
    client = app.test_client()
    assert knock(client, RIGHT).status_code == 200  # the attacker's browser is known, to this account
    answers = [knock(client, email="bob@example.org").status_code for _ in range(6)]
    assert answers == [403] * 5 + [429]


def test_a_stolen_device_cookie_is_counted_too(app, clock):
    client = app.test_client()
    knock(client, RIGHT)
    assert [knock(client).status_code for _ in range(6)] == [403] * 5 + [429]


# What is let through.


def test_the_owner_gets_in_from_a_known_browser_while_others_guess(login_app):
    owner, attacker = login_app.test_client(), login_app.test_client()
    assert knock(owner, RIGHT, address="192.0.2.1").status_code == 200
    for number in range(25):
        knock(attacker, address=f"198.51.100.{number}")
    assert knock(attacker, RIGHT, address="198.51.100.77").status_code == 429
    assert knock(owner, RIGHT, address="192.0.2.1").status_code == 200


def test_the_owner_gets_in_behind_the_same_address_as_the_attacker(app, clock):
    owner, attacker = app.test_client(), app.test_client()
    knock(owner, RIGHT)
    for _ in range(10):
        knock(attacker)
    assert knock(owner, RIGHT).status_code == 200


def test_a_few_typing_mistakes_cost_nothing(login_app):
    client = login_app.test_client()
    for _ in range(3):
        for _ in range(4):
            assert knock(client).status_code == 403
        assert knock(client, RIGHT).status_code == 200


def test_successes_are_never_counted(app, clock):
    for _ in range(60):
        assert knock(app.test_client(), RIGHT).status_code == 200


def test_one_accounts_wait_is_not_anothers(app, clock):
    client = app.test_client()
    for _ in range(6):
        knock(client, email="bob@example.org")
    assert knock(client, RIGHT).status_code == 200


def test_waits_end(app, clock):
    client = app.test_client()
    for _ in range(6):
        knock(client)
    clock.now += 16
    assert knock(client, RIGHT).status_code == 200


# Where counters live.


def test_two_workers_share_their_counts(make_app, fresh_redis_url):
    first, second = (add_login(make_app(storage_url=fresh_redis_url)) for _ in range(2))
    for worker in (first, second, first, second, first):
        assert knock(worker.test_client()).status_code == 403
    assert knock(second.test_client()).status_code == 429


def test_two_workers_share_their_counts_on_postgresql(make_app, fresh_postgresql_url):
    first, second = (add_login(make_app(database_url=fresh_postgresql_url)) for _ in range(2))
    for worker in (first, second, first, second, first):
        assert knock(worker.test_client()).status_code == 403
    assert knock(second.test_client()).status_code == 429


def test_while_redis_is_down_each_worker_counts_by_itself_and_says_so(make_app, caplog):
    app = add_login(make_app(storage_url="redis://127.0.0.1:9/0"))
    client = app.test_client()
    assert [knock(client).status_code for _ in range(6)] == [403] * 5 + [429]
    assert caplog.text.count("shared counters cannot be reached") == 1


def test_an_address_of_another_kind_stops_the_start(make_app):
    with pytest.raises(ConfigurationError, match="redis://"):
        make_app(storage_url="memcached://host")


# Limits on any route.


def test_a_limited_route_answers_429_until_its_window_ends(make_app, clock):
    app = make_app(storage_url="memory://")

    @app.get("/search")
    @public
    @limit("3/minute")
    def search():
        return "found"

    def ask(address):
        return app.test_client().get(
            "/search", base_url="https://localhost", environ_base={"REMOTE_ADDR": address}
        )

    assert [ask("192.0.2.1").status_code for _ in range(4)] == [200, 200, 200, 429]
    assert ask("192.0.2.1").headers["Retry-After"] == "60"
    assert ask("192.0.2.2").status_code == 200
    clock.now += 61
    assert ask("192.0.2.1").status_code == 200


def test_an_async_view_can_be_limited(make_app):
    app = make_app(storage_url="memory://")

    @app.get("/search")
    @public
    @limit("1/hour")
    async def search():
        return "found"

    client = app.test_client()
    assert [client.get("/search", base_url="https://localhost").status_code for _ in range(2)] == [200, 429]


@pytest.mark.parametrize("rate", ["ten/minute", "0/hour", "5", "5/fortnight", ""])
def test_a_rate_that_cannot_be_understood_is_refused_when_the_view_is_defined(rate):
    with pytest.raises(ValueError, match="10/minute"):
        limit(rate)
