# engine: code
"""Tokens of a booking service."""

import hashlib
import hmac

import jwt
from itsdangerous import URLSafeTimedSerializer

LINK_KEY = "links-of-booking"
links = URLSafeTimedSerializer(LINK_KEY)  # finds: FH261


def sign(person):
    return jwt.encode({"sub": person}, "booking", algorithm="HS256")  # finds: FH261


def read(token):
    return jwt.decode(token, "booking", algorithms=["HS256"])  # finds: FH261


def stamp(message: bytes):
    return hmac.new(b"stamp", message, hashlib.sha256).hexdigest()  # finds: FH261
