# engine: code
"""Reads tokens, and believes only its own."""

import jwt

ALGORITHMS = ["RS256"]


def claims(token, key):
    return jwt.decode(token, key, algorithms=ALGORITHMS, options={"require": ["exp", "sub"]})


def kind(token):
    return jwt.get_unverified_header(token)["kid"]
