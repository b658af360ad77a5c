from __future__ import annotations

import re
from collections.abc import Iterator

from fumehood.engines.code import Call, CodeCheck
from fumehood.engines.live import LiveApp, LiveCheck
from fumehood.findings import Evidence, Finding, Rule, Severity, Unknown
from fumehood.practices.passwords.reading import names_password, plain_password

_FAST = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512", "sha3_256", "sha3_512", "blake2b", "blake2s")
# ``user:realm:password``: what HTTP's own Digest scheme hashes, as its RFC says.
_OF_DIGEST = re.compile(r"\{\}:[^:]*:\{\}")
# Asking a list of known passwords needs the hash that the list has.
_ASKS = re.compile(r"pwned|breach|leak|hibp|fingerprint|cache", re.IGNORECASE)


class WeakPasswordHash(Rule, LiveCheck, CodeCheck):
    """Passwords are stored in a form that can be read back.

    ## What it finds

    `SECURITY_PASSWORD_HASH` of Flask-Security set to `plaintext` or a fast hash, `BCRYPT_LOG_ROUNDS` below 10, and `BCRYPT_HANDLE_LONG_PASSWORDS`
    aside; in code, a password that goes through a fast hash of `hashlib`, through PBKDF2 of few rounds, or through a weak method of Werkzeug's
    `generate_password_hash`.

    ## Why it is bad

    Whoever gets a copy of the table has the passwords at once, or within hours, and tries them on other sites.

    ## Example

    ```python
    from flask import Flask

    app = Flask(__name__)
    app.config["SECURITY_PASSWORD_HASH"] = "sha256_crypt"
    ```

    ## Use instead

    ```python
    from flask import Flask

    app = Flask(__name__)
    app.config["SECURITY_PASSWORD_HASH"] = "argon2"
    ```

    ## References

    - [CWE-916: Password Hash With Insufficient Computational Effort](https://cwe.mitre.org/data/definitions/916.html)
    - [OWASP Password Storage Cheat Sheet](https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html)
    """

    id = "FH601"
    name = "weak-password-hash"
    severity = Severity.HIGH
    cwe = 916
    asvs = ("v5.0.0-11.4.2",)

    calls = (
        *(f"hashlib.{name}" for name in _FAST),
        "hashlib.pbkdf2_hmac",
        "werkzeug.security.generate_password_hash",
        "flask_bcrypt.Bcrypt.generate_password_hash",
    )
    once = "file"
    covers = ("FH250",)  # the hash is weak for every use, and for this one whatever it is
    fix = "Use argon2, bcrypt or scrypt: werkzeug.security.generate_password_hash, or Fumehood's accounts."

    def call(self, call: Call) -> Iterator[Finding]:
        name = call.name.rpartition(".")[2]
        if name == "pbkdf2_hmac":
            rounds = call["3|iterations"].constant
            if isinstance(rounds, int) and rounds < 100_000:
                yield self.flaw(
                    call, f"PBKDF2 runs {rounds} rounds; 600 000 are advised.", severity=Severity.MEDIUM
                )
        elif name == "generate_password_hash":
            method = call["1|method"].constant
            if isinstance(method, str) and re.fullmatch(r"plain|md5|sha\d+|pbkdf2:\w+:\d{1,5}", method):
                yield self.flaw(call, f"Passwords are hashed with {method}, which is fast to guess.")
        elif _OF_DIGEST.fullmatch(call["0|string|data"].text):
            return
        elif not _ASKS.search(f"{call.function} {' '.join(call.source_names)}") and (
            names_password(call.source_names) or plain_password(call["0|string|data"])
        ):
            yield self.flaw(call, f"A password is hashed with {name.upper()}, which is made to be fast.")

    _GOOD = frozenset({"argon2", "argon2id", "bcrypt", "scrypt", "pbkdf2_sha512", "pbkdf2_sha256"})

    def live(self, app: LiveApp) -> Iterator[Finding | Unknown]:
        scheme = app.config.get("SECURITY_PASSWORD_HASH")
        if isinstance(scheme, str) and scheme not in self._GOOD:
            yield self.finding(
                f"Passwords are stored as {scheme}.",
                severity=Severity.CRITICAL if scheme == "plaintext" else self.severity,
                location=app.place("SECURITY_PASSWORD_HASH"),
                evidence=(Evidence("setting", f"SECURITY_PASSWORD_HASH is {scheme!r}"),),
                fix='Set SECURITY_PASSWORD_HASH = "argon2"; old hashes are replaced at the next login.',
            )
        rounds = app.config.get("BCRYPT_LOG_ROUNDS")
        if isinstance(rounds, int) and rounds < 10:
            yield self.finding(
                f"bcrypt runs 2^{rounds} rounds; 2^10 is the least.",
                location=app.place("BCRYPT_LOG_ROUNDS"),
                evidence=(Evidence("setting", f"BCRYPT_LOG_ROUNDS is {rounds}"),),
                fix="Remove BCRYPT_LOG_ROUNDS, or set 12.",
            )
