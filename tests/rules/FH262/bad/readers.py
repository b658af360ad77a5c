# engine: code
"""Reads the tokens of a partner."""

import jwt


def claims(token):
    return jwt.decode(token, verify=False)  # finds: FH262


def claims_of_partner(token):
    options = {"verify_signature": False}
    return jwt.decode(token, options=options)  # finds: FH262


def claims_any_way(token, key):
    return jwt.decode(token, key, algorithms=["HS256", "none"])  # finds: FH262
