from __future__ import annotations

import re
from collections.abc import Iterator

from fumehood.engines.code import Call, CodeCheck
from fumehood.findings import Finding, Rule, Severity
from fumehood.practices.passwords.reading import names_password

# What a forged hash would open.
_MATTERS = re.compile(
    r"token|secret|sign|session|otp|nonce|salt|credential|verif|reset|api_?key|csrf|auth", re.IGNORECASE
)


class WeakHash(Rule, CodeCheck):
    """A hash function is used that is broken.

    ## What it finds

    MD2, MD4, MD5 and SHA-1 from `hashlib`, `cryptography`, PyCryptodome or `passlib`. With `usedforsecurity=False` nothing is reported; where
    no token, signature or the like is hashed, it weighs little.

    ## Why it is bad

    Two different inputs with the same MD5 or SHA-1 can be made at will: what such a hash vouches for can be replaced. Passwords that are hashed
    with it are found by trying, billions in a second.

    ## Example

    ```python
    import hashlib


    def fingerprint(data: bytes) -> str:
        return hashlib.md5(data).hexdigest()
    ```

    ## Use instead

    ```python
    import hashlib


    def fingerprint(data: bytes) -> str:
        return hashlib.sha256(data).hexdigest()
    ```

    For a cache key or an ETag say so: `hashlib.md5(data, usedforsecurity=False)`. For passwords use argon2 or bcrypt.

    ## References

    - [CWE-328: Use of Weak Hash](https://cwe.mitre.org/data/definitions/328.html)
    - [NIST: hash functions](https://csrc.nist.gov/projects/hash-functions)
    """

    id = "FH250"
    name = "weak-hash"
    severity = Severity.MEDIUM
    cwe = 328
    asvs = ("v5.0.0-11.4.1",)
    calls = (
        "hashlib.md5",
        "hashlib.sha1",
        "hashlib.new",
        "Crypto.Hash.MD2.new",
        "Crypto.Hash.MD4.new",
        "Crypto.Hash.MD5.new",
        "Crypto.Hash.SHA.new",
        "Crypto.Hash.SHA1.new",
        "Cryptodome.Hash.MD5.new",
        "Cryptodome.Hash.SHA1.new",
        "cryptography.hazmat.primitives.hashes.MD5",
        "cryptography.hazmat.primitives.hashes.SHA1",
        "passlib.hash.*",
    )
    once = "file"
    fix = "Use SHA-256 or better; argon2 or bcrypt for passwords."

    _WEAK = frozenset({"md2", "md4", "md5", "sha", "sha1", "sha-1"})
    _WEAK_SCHEMES = (
        "md5_crypt",
        "sha1_crypt",
        "ldap_md5",
        "ldap_sha1",
        "hex_md5",
        "hex_sha1",
        "plaintext",
        "lmhash",
        "nthash",
    )

    def call(self, call: Call) -> Iterator[Finding]:
        name = call.name.rpartition(".")[2]
        if call.name == "hashlib.new":
            names = [item for item in call["0|name"].constants if isinstance(item, str)]
            weak = [item for item in names if item.lower() in self._WEAK]
            if not weak or len(weak) < len(names):
                return
            name = weak[0]
        elif call.name.startswith("passlib."):
            scheme = call.name.split(".")[2]
            if scheme not in self._WEAK_SCHEMES or name not in ("hash", "encrypt", "using"):
                return
            name = scheme
        elif name == "new":
            name = call.name.split(".")[-2]
        if call["usedforsecurity"].may_be(False):
            return
        if call.name.startswith("hashlib.") and names_password(call.source_names):
            return  # a password, for which every fast hash is weak: weak-password-hash says so
        matters = call.name.startswith("passlib.") or any(_MATTERS.search(item) for item in call.source_names)
        yield self.flaw(
            call, f"{name.upper()} is broken", severity=Severity.MEDIUM if matters else Severity.LOW
        )
