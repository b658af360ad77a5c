"""A password that was hashed once is not hashed again in an attack, and what the application is told is the same."""

from __future__ import annotations

import subprocess
import sys

# In a process of its own: the functions stay replaced.
PROGRAM = """
import hashlib, os
made = []
original = hashlib.scrypt
def counted(*args, **kwargs):
    made.append(args)
    return original(*args, **kwargs)
hashlib.scrypt = counted

from fumehood.engines.attack import hashes
hashes.install()
import bcrypt
from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives import hashes as algorithms
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC
from werkzeug.security import check_password_hash, generate_password_hash

stored = generate_password_hash("right", method="scrypt")
made.clear()
for _ in range(3):
    assert check_password_hash(stored, "right") and not check_password_hash(stored, "wrong")
assert len(made) == 1, made  # the wrong one; the right one is known since it was stored
with hashes.anew():
    assert check_password_hash(stored, "right")
assert len(made) == 2, made
assert generate_password_hash("right") != generate_password_hash("right")  # each has a salt of its own

stored = bcrypt.hashpw(b"right", bcrypt.gensalt(4))
argon = PasswordHasher(time_cost=1, memory_cost=64)
argued = argon.hash("right")
def derived(salt, password):
    return PBKDF2HMAC(algorithms.SHA256(), 32, salt, 10).derive(password)
expected = derived(b"salt", b"right")
for _ in range(2):
    assert bcrypt.checkpw(b"right", stored) and not bcrypt.checkpw(b"wrong", stored)
    assert argon.verify(argued, "right")
    try:
        argon.verify(argued, "wrong")
        raise SystemExit("a wrong password passed")
    except VerifyMismatchError:
        pass
    assert derived(b"salt", b"right") == expected != derived(b"pepper", b"right")
    PBKDF2HMAC(algorithms.SHA256(), 32, b"salt", 10).verify(b"right", expected)
    try:
        PBKDF2HMAC(algorithms.SHA256(), 32, b"salt", 10).verify(b"wrong", expected)
        raise SystemExit("a wrong password passed")
    except InvalidKey:
        pass
"""


def test_right_passwords_stay_right_and_wrong_ones_wrong() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
