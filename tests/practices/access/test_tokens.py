"""A program gets a token of its own: for what its scopes name, until it ends or is ended, and for nothing else."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from fumehood import create_token, grant_role, revoke_token, tokens_of


@pytest.fixture
def token(site):
    with site.app.app_context():
        secret, known = create_token(site.ada, "script", ["notes:write"])
    site.token = known
    return secret


def call(site, path, secret, method="POST", browser=None, **headers):
    headers = {"Authorization": f"Bearer {secret}", "Accept": "application/json", **headers}
    return (browser or site.browser()).open(path, method=method, headers=headers)


# What is stopped.


def test_a_token_opens_only_what_its_scopes_name(site, token):
    with site.app.app_context():
        grant_role(site.db.session.get(site.User, site.ada), "admin")
    assert call(site, "/notes", token).status_code == 200
    assert call(site, "/reports", token, "GET").status_code == 403
    assert call(site, "/me", token, "GET").status_code == 403
    assert call(site, "/change", token, "GET").status_code == 403


def test_a_scope_gives_nothing_that_its_owner_has_not(site):
    with site.app.app_context():
        secret, _ = create_token(site.bob, "script", ["notes:write"])
        everything, _ = create_token(site.bob, "all", ["*"])
    assert call(site, "/notes", secret).status_code == 403
    assert call(site, "/notes", everything).status_code == 403


def test_a_revoked_token_is_refused_at_once(site, token):
    with site.app.app_context():
        assert not revoke_token(site.token.id, account=site.bob)
        assert revoke_token(site.token.id, account=site.ada)
    assert call(site, "/notes", token).status_code == 401
    assert len(site.records.of("token.revoked")) == 1


def test_a_token_ends_by_itself(site, token, monkeypatch):
    from fumehood.practices.access import tokens

    real = tokens.time.time
    monkeypatch.setattr(tokens.time, "time", lambda: real() + 90 * 86400 + 1)
    assert call(site, "/notes", token).status_code == 401


def test_a_token_of_a_closed_account_is_refused(site, token):
    from fumehood.practices.access.roster import deactivate

    with site.app.app_context():
        deactivate(site.db.session.get(site.User, site.ada))
    assert call(site, "/notes", token).status_code == 401


def test_the_database_does_not_hold_the_token(site, token):
    with site.app.extensions["fumehood"].engine.connect() as connection:
        rows = connection.execute(text("SELECT * FROM fumehood_tokens")).all()
    assert token not in repr(rows)
    assert token.removeprefix("fh_") not in repr(rows)
    assert token not in repr(site.records)


@pytest.mark.parametrize("wrong", ["", "fh_", "x", "fh_" + "a" * 43, "fh_" + "a" * 500, "' OR 1=1 --"])
def test_what_is_no_token_is_nobody(site, wrong):
    assert call(site, "/notes", wrong).status_code == 401


def test_a_bad_token_is_not_made_good_by_a_session(site):
    browser = site.browser()
    browser.sign_in("ada@example.org")
    assert call(site, "/notes", "fh_" + "a" * 43, browser=browser).status_code == 401


def test_a_token_in_the_address_counts_for_nothing(site, token):
    for name in ("auth_token", "access_token", "token"):
        assert (
            site.browser().post(f"/notes?{name}={token}", headers={"Accept": "application/json"}).status_code
            == 401
        )
    assert call(site, "/notes", "none", **{"Authentication-Token": token}).status_code == 401


@pytest.mark.parametrize(
    ("name", "scopes", "days"),
    [("", ["a"], 1), ("x", [], 1), ("x", ["a b"], 1), ("x", ["a"], 0), ("x", ["a"], 4000)],
)
def test_a_token_without_name_scope_or_end_is_not_made(site, name, scopes, days):
    with site.app.app_context(), pytest.raises(ValueError, match="token"):
        create_token(site.ada, name, scopes, days=days)


# What is let through.


def test_a_token_works_without_cookies_and_from_another_site(site, token):
    answer = call(site, "/notes", token, **{"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers


def test_a_token_for_everything_does_what_its_owner_may(site):
    with site.app.app_context():
        secret, _ = create_token(site.ada, "all", ["*"])
    assert call(site, "/notes", secret).status_code == 200
    assert call(site, "/me", secret, "GET").text == "ada@example.org"
    assert call(site, "/danger", secret).status_code == 401  # a token never is fresh


def test_people_see_their_tokens_and_when_they_were_used(site, token):
    with site.app.app_context():
        assert [(one.name, one.used) for one in tokens_of(site.ada)] == [("script", 0.0)]
    call(site, "/notes", token)
    with site.app.app_context():
        (one,) = tokens_of(site.ada)
        assert one.used > 0
        assert one.scopes == {"notes:write"}


def test_tokens_end_with_the_password(site, token):
    browser = site.browser()
    browser.sign_in("ada@example.org")
    new = "eleven quiet otters swim"
    browser.post(
        "/change",
        data={"password": "seven herons on a wire", "new_password": new, "new_password_confirm": new},
    )
    assert call(site, "/notes", token).status_code == 401


def test_a_session_goes_on_beside_tokens(site, token):
    browser = site.browser()
    browser.sign_in("bob@example.org")
    assert call(site, "/notes", token, browser=browser).status_code == 200
    assert browser.get("/me").text == "bob@example.org"
