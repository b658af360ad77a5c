"""Signing up, in and out, and passwords forgotten: each works, and none tells or gives away more than it must."""

from __future__ import annotations

import re
import subprocess
import sys
import time

import pytest
from access_site import PASSWORD, link_in, with_people
from flask import Flask
from sqlalchemy import event

from fumehood import Fumehood, login, logout, public
from fumehood.settings import ConfigurationError

NEW = "eleven quiet otters swim"


def steady(page: str) -> str:
    """A page without its token, which is masked anew each time."""
    return re.sub(r'(name="csrf_token"[^>]*value=")[^"]*', r"\1", page)


# What is stopped.


def test_the_old_cookie_is_worth_nothing_after_signing_out(site):
    browser, thief = site.browser(), site.browser()
    browser.sign_in("ada@example.org")
    stolen = browser.cookie()
    assert browser.get("/me").text == "ada@example.org"
    assert browser.post("/logout").status_code == 302
    thief.set_cookie("__Host-session", stolen, secure=True)
    assert thief.get("/me").status_code == 302
    assert [event for event, _ in site.records][:2] == ["login.succeeded", "logout"]


def test_changing_the_password_ends_all_other_sessions(site):
    here, elsewhere = site.browser(), site.browser()
    here.sign_in("ada@example.org")
    elsewhere.sign_in("ada@example.org")
    changed = here.post(
        "/change", data={"password": PASSWORD, "new_password": NEW, "new_password_confirm": NEW}
    )
    assert changed.status_code == 302
    assert here.get("/me").status_code == 200
    assert elsewhere.get("/me").status_code == 302
    assert site.browser().sign_in("ada@example.org").status_code == 200
    assert site.browser().sign_in("ada@example.org", NEW).status_code == 302
    assert site.records.of("password.changed")


def test_a_session_planted_before_signing_in_does_not_become_the_victims(site):
    attacker, victim = site.browser(), site.browser()
    attacker.sign_in("bob@example.org")
    planted = attacker.cookie()
    victim.set_cookie("__Host-session", planted, secure=True)
    victim.post("/logout")
    victim.sign_in("ada@example.org")
    assert victim.cookie() != planted
    attacker.set_cookie("__Host-session", planted, secure=True)
    assert attacker.get("/me").status_code == 302


def test_a_cookie_whose_account_was_swapped_is_nobodys(site):
    browser = site.browser()
    browser.sign_in("ada@example.org")
    with site.app.app_context():
        bobs = site.db.session.get(site.User, site.bob).fs_uniquifier
    with browser.session_transaction(base_url="https://localhost") as session:
        session["_user_id"] = bobs
    assert browser.get("/me").status_code == 302


def test_closing_an_account_ends_its_sessions_at_once(site):
    from fumehood.practices.access.roster import deactivate

    browser = site.browser()
    browser.sign_in("ada@example.org")
    with site.app.app_context():
        deactivate(site.db.session.get(site.User, site.ada))
    assert browser.get("/me").status_code == 302
    assert browser.sign_in("ada@example.org").status_code == 200


def test_unknown_account_and_wrong_password_get_the_same_answer(site):
    unknown = site.browser().sign_in("nobody@example.org", "wrong password")
    wrong = site.browser().sign_in("ada@example.org", "wrong password")
    assert unknown.status_code == wrong.status_code == 200
    assert steady(unknown.text).replace("nobody@", "ada@") == steady(wrong.text)


def test_unknown_account_and_wrong_password_take_the_same_work(site, monkeypatch):
    hasher = site.app.extensions["fumehood"].guards["passwords"].hasher
    made: list[str] = []
    for name in ("hash", "verify"):
        method = getattr(hasher, name)
        monkeypatch.setattr(hasher, name, lambda *given, m=method, n=name: (made.append(n), m(*given))[1])
    site.browser().sign_in("nobody@example.org", "wrong password")
    unknown = len(made)
    site.browser().sign_in("ada@example.org", "wrong password")
    assert (unknown, len(made) - unknown) == (1, 1)


def test_asking_for_a_reset_tells_nobody_which_accounts_exist(site):
    known = site.browser().post("/reset", data={"email": "ada@example.org"})
    unknown = site.browser().post("/reset", data={"email": "nobody@example.org"})
    assert known.status_code == unknown.status_code
    assert steady(known.text).replace("ada@", "nobody@") == steady(unknown.text)
    assert [mail["To"] for mail in site.mails] == ["ada@example.org"]


def test_signing_up_with_a_taken_address_looks_like_any_other(make):
    site = with_people(make(confirm_email=True))
    fields = {"password": NEW, "password_confirm": NEW}
    taken = site.browser().post("/register", data={"email": "ada@example.org", **fields})
    fresh = site.browser().post("/register", data={"email": "cid@example.org", **fields})
    assert (taken.status_code, taken.headers["Location"]) == (fresh.status_code, fresh.headers["Location"])
    assert "already" in site.mails[0].get_content()
    assert site.browser().sign_in("ada@example.org", NEW).status_code == 200


def test_nobody_signs_up_unless_the_app_says_so(make):
    site = make(sign_up=False)
    assert site.browser().get("/register").status_code == 404


def test_mail_is_not_a_weapon(site):
    for _ in range(6):
        site.browser().post("/reset", data={"email": "ada@example.org"})
    assert len(site.mails) == 3
    answers = [
        site.browser().post("/reset", data={"email": f"p{n}@example.org"}).status_code for n in range(20)
    ]
    assert answers[-1] == 429


def test_a_reset_link_works_once_and_ends_sessions_and_tokens(site):
    from fumehood import create_token, tokens_of

    browser = site.browser()
    browser.sign_in("ada@example.org")
    with site.app.app_context():
        create_token(site.ada, "script", ["notes:read"])
    site.browser().post("/reset", data={"email": "ada@example.org"})
    link = link_in(site.mails[0])
    fields = {"password": NEW, "password_confirm": NEW}
    assert site.browser().post(link, data=fields).status_code == 302
    assert browser.get("/me").status_code == 302
    with site.app.app_context():
        assert tokens_of(site.ada) == []
    again = site.browser().post(link, data={"password": NEW + "!", "password_confirm": NEW + "!"})
    assert again.headers["Location"].endswith("/reset")
    assert site.browser().sign_in("ada@example.org", NEW).status_code == 302
    assert site.records.of("password.reset")


def test_a_forged_reset_link_is_refused(site):
    answer = site.browser().get("/reset/WyJ4Il0.aaaa.bbbb")
    assert answer.status_code == 302
    assert answer.headers["Location"].endswith("/reset")


@pytest.mark.parametrize(
    "target", ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_signing_in_leads_nowhere_else(site, target):
    answer = site.browser().post(
        f"/login?next={target}", data={"email": "ada@example.org", "password": PASSWORD, "next": target}
    )
    assert answer.status_code == 302
    leads_to = answer.headers["Location"]
    assert leads_to[0] == "/"
    assert leads_to[1:2] not in {"/", "\\"}


SPELLINGS = [
    "ada@example.org",
    "ADA@EXAMPLE.ORG",
    "ada@\uff45xample.org",
    "ada@exampl\u2147.org",
    "ada@example\u3002org",
    "ada@\u24d4xample.org",
]


def test_other_spellings_of_an_address_have_no_tries_of_their_own(site):
    assert site.browser().sign_in("ada@\uff45xample.org").status_code == 302  # all of them are hers
    answers = [site.browser().sign_in(spelling, "wrong password").status_code for spelling in SPELLINGS]
    assert answers == [200] * 5 + [429]
    for spelling in SPELLINGS:
        site.browser().post("/reset", data={"email": spelling})
    assert len(site.mails) == 3


def test_guessing_at_the_login_page_has_to_wait_and_the_owner_does_not(site):
    owner, guesser = site.browser(), site.browser()
    owner.sign_in("ada@example.org")
    owner.post("/logout")
    answers = [guesser.sign_in("ada@example.org", "wrong password").status_code for _ in range(6)]
    assert answers == [200] * 5 + [429]
    assert owner.sign_in("ada@example.org").status_code == 302
    assert len(site.records.of("login.failed")) == 5


@pytest.mark.parametrize(
    "password", ["password", "passwordpassword", "dora@example.org", "aaaaaaaaaaaaaaaaaaa"]
)
def test_weak_passwords_are_refused_at_sign_up(site, password):
    fields = {"email": "dora@example.org", "password": password, "password_confirm": password}
    answer = site.browser().post("/register", data=fields)
    assert answer.status_code == 200
    assert 'role="alert"' in answer.text


def test_extra_fields_make_nobody_an_administrator(make):
    site = make(confirm_email=False)
    fields = {"email": "eve@example.org", "password": NEW, "password_confirm": NEW}
    site.browser().post(
        "/register", data={**fields, "roles": "admin", "id": "1", "confirmed_at": "x", "active": "1"}
    )
    with site.app.app_context():
        assert site.db.session.query(site.User).filter_by(email="eve@example.org").one().roles == []


def test_sensitive_actions_ask_for_the_password_again(site, monkeypatch):
    browser = site.browser()
    browser.sign_in("ada@example.org")
    assert browser.post("/danger").text == "done"
    with browser.session_transaction(base_url="https://localhost") as session:
        session["fs_paa"] = time.time() - 601
    answer = browser.post("/danger")
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/verify"
    assert browser.post("/verify", data={"password": PASSWORD}).status_code == 302
    assert browser.post("/danger").text == "done"


def test_sessions_end_when_unused_and_after_their_lifetime(site, monkeypatch):
    from fumehood.practices.access import sessions

    browser = site.browser()
    browser.sign_in("ada@example.org")
    assert browser.get("/me").status_code == 200
    real = time.time
    monkeypatch.setattr(sessions.time, "time", lambda: real() + 7 * 86400 + 60)
    assert browser.get("/me").status_code == 302


# What is let through.


def test_sign_up_confirm_and_sign_in(make):
    site = make()
    browser = site.browser()
    fields = {"email": "Cid@Example.org", "password": NEW, "password_confirm": NEW}
    assert browser.get("/register").status_code == 200
    assert browser.post("/register", data=fields).status_code == 302
    assert browser.sign_in("cid@example.org", NEW).status_code == 200  # not confirmed yet
    assert browser.get(link_in(site.mails[0])).status_code == 302
    assert browser.sign_in("cid@example.org", NEW).headers["Location"] == "/"
    assert browser.get("/me").text.casefold() == "cid@example.org"
    assert [event for event, _ in site.records if event.startswith("account.")] == [
        "account.created",
        "account.confirmed",
    ]


def test_a_page_that_needs_somebody_is_come_back_to_after_signing_in(site):
    browser = site.browser()
    asked = browser.get("/me?tab=2")
    assert asked.headers["Location"] == "/login?next=/me%3Ftab%3D2"
    page = browser.get(asked.headers["Location"])
    assert page.status_code == 200
    entered = browser.post(asked.headers["Location"], data={"email": "ada@example.org", "password": PASSWORD})
    assert entered.headers["Location"] == "/me?tab=2"


def test_programs_are_told_in_their_own_language(site):
    answer = site.browser().get("/me", headers={"Accept": "application/json"})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.mimetype == "application/problem+json"


def test_remember_me_outlives_the_browser_and_nothing_else_does(site):
    short, long = site.browser(), site.browser()
    short.sign_in("ada@example.org")
    answer = long.sign_in("ada@example.org", remember="y")
    assert short.get_cookie("__Host-session").expires is None
    assert long.get_cookie("__Host-session").expires is not None
    assert not any("remember_token" in cookie for cookie in answer.headers.getlist("Set-Cookie"))


def test_accounts_of_an_older_app_move_to_argon2id_at_their_next_login(site):
    from werkzeug.security import generate_password_hash

    with site.app.app_context():
        ada = site.db.session.get(site.User, site.ada)
        ada.password = generate_password_hash(PASSWORD, "pbkdf2:sha256:1000")
        site.db.session.commit()
    assert site.browser().sign_in("ada@example.org").status_code == 302
    with site.app.app_context():
        assert site.db.session.get(site.User, site.ada).password.startswith("$argon2id$")
    assert site.browser().sign_in("ada@example.org").status_code == 302


def test_a_role_given_or_taken_holds_from_the_next_request(site):
    from fumehood import grant_role, revoke_role

    browser = site.browser()
    browser.sign_in("bob@example.org")
    assert browser.get("/reports").status_code == 403
    with site.app.app_context():
        assert grant_role(site.db.session.get(site.User, site.bob), "analyst")
    assert browser.get("/reports").status_code == 200
    with site.app.app_context():
        assert revoke_role(site.db.session.get(site.User, site.bob), "analyst")
    assert browser.get("/reports").status_code == 403
    for event_name in ("role.granted", "role.revoked"):
        (entry,) = site.records.of(event_name)
        assert (entry["subject"], entry["role"]) == (str(site.bob), "analyst")
    assert site.records.of("access.refused")[0]["actor"] == str(site.bob)


def test_people_see_their_sessions_and_end_one(site):
    from fumehood.practices.access.sessions import end, sessions_of

    phone, laptop = site.browser(), site.browser()
    phone.sign_in("ada@example.org")
    laptop.sign_in("ada@example.org")
    with site.app.app_context():
        held = sessions_of(site.ada)
        assert len(held) == 2
        end(held[0].id)
    assert sorted((phone.get("/me").status_code, laptop.get("/me").status_code)) == [200, 302]


def test_reset_links_known_browsers_and_sessions_survive_a_new_key(site):
    browser = site.browser()
    browser.sign_in("ada@example.org")
    site.browser().post("/reset", data={"email": "ada@example.org"})
    keyring = site.app.extensions["fumehood"].keyring
    before = keyring.current
    keyring.rotate(announce=0)
    assert keyring.current != before
    assert browser.get("/me").status_code == 200
    assert site.browser().get(link_in(site.mails[0])).status_code == 200
    for _ in range(6):
        site.browser().sign_in("ada@example.org", "wrong password")
    browser.post("/logout")
    assert browser.sign_in("ada@example.org").status_code == 302


def test_an_app_signs_people_in_and_out_itself(site):
    @site.app.post("/magic")
    @public
    def magic():
        login(site.db.session.get(site.User, site.ada))
        return "in"

    @site.app.post("/away")
    @public
    def away():
        logout()
        return "out"

    browser = site.browser()
    browser.post("/magic")
    assert browser.get("/me").status_code == 200
    browser.post("/away")
    assert browser.get("/me").status_code == 302


def test_pages_that_do_not_ask_load_nobody(site):
    @site.app.get("/plain")
    @public
    def plain():
        return "plain"

    browser = site.browser()
    browser.sign_in("ada@example.org")
    with site.app.app_context():
        engine = site.db.engine
    statements: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
    for path in ("/plain", "/", "/static/none.css", "/missing"):
        browser.get(path)
    assert statements == []
    browser.get("/me")
    assert len(statements) == 1  # the account and its roles in one query


def test_flask_securitys_own_decorators_work_too(site):
    from flask_security import roles_required

    @site.app.get("/classic")
    @public
    @roles_required("writer")
    def classic():
        return "classic"

    browser = site.browser()
    assert browser.get("/classic").status_code != 200
    browser.sign_in("ada@example.org")
    assert browser.get("/classic").text == "classic"
    other = site.browser()
    other.sign_in("bob@example.org")
    assert other.get("/classic").status_code == 403


def test_every_account_page_is_plain_and_labelled(site):
    browser = site.browser()
    pages = [browser.get(path).text for path in ("/login", "/register", "/reset", "/confirm")]
    browser.sign_in("ada@example.org")
    pages += [browser.get(path).text for path in ("/change", "/verify")]
    for page in pages:
        assert '<html lang="en">' in page
        assert "<script" not in page
        assert "style=" not in page
        assert page.count("<h1>") == 1


def test_an_apps_own_template_wins(site, tmp_path):
    (tmp_path / "security").mkdir()
    (tmp_path / "security" / "login_user.html").write_text("our own page")
    site.app.jinja_loader.searchpath.insert(0, str(tmp_path))
    assert site.browser().get("/login").text == "our own page"


# Setting up.


def test_flask_security_is_loaded_only_for_accounts():
    code = (
        "import sys; from flask import Flask; from fumehood import Fumehood; app = Flask('a'); app.testing = True; "
        "Fumehood(app); print([m for m in sys.modules if m.split('.')[0] in "
        "('flask_security', 'flask_login', 'flask_principal', 'flask_sqlalchemy', 'passlib', 'zxcvbn', 'argon2')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("parts", "says"),
    [
        ({"user": object}, "Fumehood\\(app, db=db, user=User, role=Role\\)"),
        ({"role": object}, "give both models"),
        ({"settings": {"mail": "pigeon://host"}}, "FUMEHOOD_MAIL"),
        ({"db": object()}, "db.init_app\\(app\\) before"),
    ],
)
def test_half_of_what_accounts_need_stops_the_start(parts, says):
    app = Flask("notebook")
    app.testing = True
    with pytest.raises(ConfigurationError, match=says):
        Fumehood(app, **parts)


def test_the_same_address_twice_at_the_same_moment_makes_one_account(make, monkeypatch):
    from flask_security import SQLAlchemyUserDatastore

    site = with_people(make())
    # Both forms looked before either had written.
    monkeypatch.setattr(SQLAlchemyUserDatastore, "find_user", lambda *_given, **_more: None)
    fields = {"email": "ada@example.org", "password": NEW, "password_confirm": NEW}
    assert site.browser().post("/register", data=fields).status_code == 409
    with site.app.app_context():
        assert site.db.session.query(site.User).filter_by(email="ada@example.org").count() == 1


def test_ended_sessions_are_swept_away(site, monkeypatch):
    from fumehood.practices.access import sessions

    site.browser().sign_in("ada@example.org")
    real = time.time
    with site.app.app_context():
        assert sessions.sweep() == 0
        monkeypatch.setattr(sessions.time, "time", lambda: real() + 31 * 86400)
        assert sessions.sweep() == 1


@pytest.mark.parametrize("path", ["/login", "/register", "/reset", "/confirm"])
@pytest.mark.parametrize("body", [[], ["x"], "x", 1, None, {"email": {"a": [1]}, "password": ["x"]}])
def test_odd_json_is_a_mistake_of_the_client(make, path, body):
    site = with_people(make(confirm_email=True))
    answer = site.browser().post(path, json=body, headers={"Accept": "application/json"})
    assert answer.status_code < 500


@pytest.mark.parametrize("field", ["email", "password"])
def test_a_text_longer_than_any_password_is_not_looked_at(site, field):
    form = {"email": "ada@example.org", "password": PASSWORD, field: "é" * 5000}
    assert site.browser().post("/login", data=form).status_code == 413
    assert site.browser().post("/login", json=form).status_code == 413
    assert site.browser().post("/login", json={**form, field: [form[field]]}).status_code == 413


def test_account_pages_are_kept_by_no_cache(site):
    for answer in (site.browser().get("/login"), site.browser().sign_in("ada@example.org")):
        assert "no-store" in re.split(", ?", answer.headers["Cache-Control"])


def test_mail_says_what_to_do_when_it_was_somebody_else(make):
    site = with_people(make(confirm_email=True))
    site.browser().post(
        "/register", data={"email": "cid@example.org", "password": NEW, "password_confirm": NEW}
    )
    site.browser().post("/reset", data={"email": "ada@example.org"})
    site.browser().post("/confirm", data={"email": "cid@example.org"})
    browser = site.browser()
    browser.sign_in("ada@example.org")
    browser.post("/change", data={"password": PASSWORD, "new_password": NEW, "new_password_confirm": NEW})
    texts = [mail.get_content() for mail in site.mails]
    assert len(texts) == 4
    assert all("If it was not you" in text or "If you did not ask" in text for text in texts)
    assert all("https://localhost/" in text for text in texts)
