# engine: code
"""Accounts of a forum, and the range query of a list of known passwords."""

import hashlib
import os

from werkzeug.security import generate_password_hash


class Account:
    def set_password(self, password):
        self.password_hash = generate_password_hash(password)

    def set_key(self, password):
        self.key = hashlib.scrypt(password.encode(), salt=os.urandom(16), n=2**15, r=8, p=3)

    def set_slow_password(self, password):
        self.password_hash = hashlib.pbkdf2_hmac("sha256", password.encode(), self.salt, 600_000).hex()


def is_pwned(password, ranges):
    digest = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()
    return digest[5:] in ranges(digest[:5])


def etag(content):
    return hashlib.sha256(content).hexdigest()
