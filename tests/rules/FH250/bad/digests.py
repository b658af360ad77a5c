# engine: code
import hashlib
from hashlib import sha1 as digest


def fingerprint(data: bytes) -> str:
    return hashlib.md5(data).hexdigest()  # finds: FH250


def other(data: bytes) -> str:
    return digest(data).hexdigest()  # finds: FH250


def named(data: bytes) -> str:
    name = "md4"
    return hashlib.new(name, data).hexdigest()  # finds: FH250
