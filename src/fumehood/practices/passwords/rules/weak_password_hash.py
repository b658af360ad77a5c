from __future__ import annotations

from collections.abc import Iterator

from fumehood.engines.live import LiveApp, LiveCheck
from fumehood.findings import Evidence, Finding, Rule, Severity, Unknown


class WeakPasswordHash(Rule, LiveCheck):
    """Passwords are stored in a form that can be read back.

    ## What it finds

    `SECURITY_PASSWORD_HASH` of Flask-Security set to `plaintext` or a fast hash, `BCRYPT_LOG_ROUNDS` below 10, and `BCRYPT_HANDLE_LONG_PASSWORDS`
    aside, nothing else: code that hashes by itself is judged where it is read.

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
