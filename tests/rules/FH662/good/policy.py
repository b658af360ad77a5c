# engine: code
"""Rules for new passwords."""

import re


def password_complexity(password):
    return len(password) >= 12 and password.lower() not in KNOWN


def validate_password(password):
    if len(password) < 4 or not re.search(r"\d", password) or password in KNOWN:
        raise ValueError("too easy")


def check_password(password):
    return check_hash(password)


def is_valid_password(password):
    return policy.accepts(password)


KNOWN = frozenset({"password1234", "qwertyuiop12"})
