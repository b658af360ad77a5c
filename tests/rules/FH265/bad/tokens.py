# engine: code
"""Tokens of a gym."""

import jwt


def token(key, member):
    claims = {"sub": member.number, "role": member.role}
    return jwt.encode(claims, key, algorithm="HS256")  # finds: FH265
