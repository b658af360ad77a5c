"""Passwords are kept so that a stolen database is of little use, and accounts of an older app move over by themselves."""

from __future__ import annotations

import bcrypt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.security import generate_password_hash

from fumehood import hash_password, password_outdated, verify_password
from fumehood.practices.passwords.hashing import Hasher
from fumehood.settings import ConfigurationError, read

CHEAP = {"argon2_memory_kib": 1024, "argon2_passes": 1, "bcrypt_rounds": 4}
PASSWORD = "seven herons on a wire"


def hasher(**given_settings: object) -> Hasher:
    return Hasher(read({}, {**CHEAP, **given_settings}))


def test_the_default_is_argon2id_with_the_parameters_of_rfc_9106():
    stored = Hasher(read({})).hash(PASSWORD)
    assert stored.startswith("$argon2id$v=19$m=65536,t=3,p=1$")
    assert PASSWORD not in stored


@pytest.mark.parametrize("scheme", ["argon2id", "bcrypt"])
def test_the_right_password_is_accepted_and_a_wrong_one_is_not(scheme):
    made = hasher(password_hash=scheme)
    stored = made.hash(PASSWORD)
    assert made.verify(PASSWORD, stored)
    assert not made.verify(PASSWORD + " ", stored)
    assert not made.verify(PASSWORD.upper(), stored)
    assert not made.outdated(stored)


def test_two_hashes_of_one_password_differ():
    made = hasher()
    assert made.hash(PASSWORD) != made.hash(PASSWORD)


def test_bcrypt_reads_a_long_password_to_its_end():
    made = hasher(password_hash="bcrypt")
    stored = made.hash("a" * 72 + "right")
    assert made.verify("a" * 72 + "right", stored)
    assert not made.verify("a" * 72 + "wrong", stored)


def test_a_plain_bcrypt_hash_leaked_elsewhere_does_not_open_the_account():
    # Password shucking: the first hash, taken as a password, must be no shortcut.
    made = hasher(password_hash="bcrypt")
    stored = made.hash(PASSWORD)
    assert not made.verify(stored, stored)


@pytest.mark.parametrize(
    "older",
    [
        generate_password_hash(PASSWORD, "pbkdf2:sha256:1000"),
        generate_password_hash(PASSWORD, "scrypt:1024:8:1"),
        bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode(),
    ],
    ids=["werkzeug-pbkdf2", "werkzeug-scrypt", "bcrypt"],
)
def test_hashes_of_older_apps_are_read_and_due_for_renewal(older):
    made = hasher()
    assert made.verify(PASSWORD, older)
    assert not made.verify("not " + PASSWORD, older)
    assert made.outdated(older)


def test_flask_securitys_double_hash_is_read_with_its_salt():
    import base64
    import hashlib
    import hmac

    first = base64.b64encode(hmac.digest(b"pepper", PASSWORD.encode(), hashlib.sha512))
    stored = bcrypt.hashpw(first[:72], bcrypt.gensalt(4)).decode()
    assert Hasher(read({}, CHEAP), "pepper").verify(PASSWORD, stored)
    assert not Hasher(read({}, CHEAP), "other").verify(PASSWORD, stored)


def test_new_parameters_make_old_hashes_due_for_renewal():
    stored = hasher().hash(PASSWORD)
    assert hasher(argon2_passes=2).outdated(stored)
    assert hasher(password_hash="bcrypt").outdated(stored)
    assert hasher(password_hash="bcrypt", bcrypt_rounds=5).outdated(
        hasher(password_hash="bcrypt").hash(PASSWORD)
    )


@pytest.mark.parametrize(
    "stored", ["", "plain text", "md5$aa$bb", "$argon2id$broken", "$2b$10$short", "{SSHA}x"]
)
def test_what_is_no_hash_opens_nothing(stored):
    made = hasher()
    assert not made.verify(stored, stored)
    assert not made.verify(PASSWORD, stored)


def test_a_password_is_the_same_from_every_keyboard():
    made = hasher()
    assert made.verify("cafe\u0301 au lait, bien chaud", made.hash("caf\u00e9 au lait, bien chaud"))


@settings(max_examples=25, deadline=None)
@given(st.text(min_size=1, max_size=200))
def test_every_text_can_be_a_password(password):
    for scheme in ("argon2id", "bcrypt"):
        made = hasher(password_hash=scheme)
        try:
            password.encode()
        except UnicodeEncodeError:
            continue  # lone surrogates cannot arrive in a request
        assert made.verify(password, made.hash(password))


def test_an_unknown_account_is_answered_like_a_wrong_password(make_app, monkeypatch):
    app = make_app()
    with app.app_context():
        made = app.extensions["fumehood"].guards["passwords"].hasher
        asked = []
        matches = made._matches
        monkeypatch.setattr(made, "_matches", lambda *given: asked.append(given) or matches(*given))
        assert not verify_password(PASSWORD, None)
        unknown = len(asked)
        assert not verify_password(PASSWORD, made.hash("another password entirely"))
        # The same work: one slow hash each.
        assert (unknown, len(asked) - unknown) == (1, 1)


def test_an_apps_own_login_uses_the_hashes_without_accounts(make_app):
    with make_app().app_context():
        stored = hash_password(PASSWORD)
        assert verify_password(PASSWORD, stored)
        assert not password_outdated(stored)


def test_a_hash_setting_that_is_none_of_the_two_stops_the_start(make_app):
    with pytest.raises(ConfigurationError, match=r"FUMEHOOD|password_hash"):
        make_app(password_hash="md5")
