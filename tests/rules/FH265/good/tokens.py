# engine: code
"""Tokens of a gym."""

import time

import jwt


def token(key, member):
    claims = {"sub": member.number}
    claims["exp"] = time.time() + 900
    return jwt.encode(claims, key, algorithm="HS256")


def any_token(key, claims):
    return jwt.encode(claims, key, algorithm="HS256")
