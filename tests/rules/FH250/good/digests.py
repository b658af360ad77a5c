# engine: code
import hashlib


def fingerprint(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def etag(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def named(data: bytes) -> str:
    return hashlib.new("sha512", data).hexdigest()
