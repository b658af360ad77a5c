# engine: code
"""The same tokens, with keys that the deployment gives."""

import hashlib
import hmac
import os

import jwt
from cryptography.fernet import Fernet
from flask import current_app

BOX = Fernet(os.environ["BOX_KEY"])


def sign(person):
    return jwt.encode({"sub": person}, current_app.config["SECRET_KEY"], algorithm="HS256")


def stamp(message: bytes, key: bytes):
    return hmac.new(key, message, hashlib.sha256).hexdigest()


def box():
    return Fernet(Fernet.generate_key())
