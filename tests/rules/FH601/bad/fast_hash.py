# engine: code
"""Accounts of a forum that hashes by itself."""

import hashlib

from werkzeug.security import generate_password_hash


class Account:
    def set_password(self, password):
        self.password_hash = hashlib.sha256(password.encode()).hexdigest()  # finds: FH601

    def check_password(self, password):
        return self.password_hash == hashlib.md5(password.encode()).hexdigest()  # finds: FH601

    def set_slow_password(self, password):
        self.password_hash = hashlib.pbkdf2_hmac("sha256", password.encode(), self.salt, 1000).hex()  # finds: FH601

    def set_other_password(self, password):
        self.password_hash = generate_password_hash(password, method="sha256")  # finds: FH601
