from __future__ import annotations

from collections.abc import Iterator

from fumehood.engines.live import LiveApp, LiveCheck
from fumehood.findings import Evidence, Finding, Rule, Severity, Unknown


class SharedSecretKey(Rule, LiveCheck):
    """One key signs for several purposes.

    ## What it finds

    `JWT_SECRET_KEY`, `SECURITY_PASSWORD_SALT` or `WTF_CSRF_SECRET_KEY` set to the same value as `SECRET_KEY`.

    ## Why it is bad

    A leak of one is a leak of all; none can be changed alone; and what is signed for one purpose may be accepted for another.

    ## Example

    ```python
    import secrets

    from flask import Flask

    app = Flask(__name__)
    app.secret_key = secrets.token_hex(32)
    app.config["JWT_SECRET_KEY"] = app.config["SECRET_KEY"]
    ```

    ## Use instead

    A key for each purpose; `installation.keyring.derive("jwt")` of the hood makes one from the secret key:

    ```python
    import secrets

    from flask import Flask

    app = Flask(__name__)
    app.secret_key = secrets.token_hex(32)
    app.config["JWT_SECRET_KEY"] = secrets.token_hex(32)
    ```

    ## References

    - [CWE-323: Reusing a Nonce, Key Pair in Encryption](https://cwe.mitre.org/data/definitions/323.html)
    - [NIST SP 800-57, section 5.2: key usage](https://csrc.nist.gov/pubs/sp/800/57/pt1/r5/final)
    """

    id = "FH209"
    name = "shared-secret-key"
    severity = Severity.LOW
    cwe = 323
    asvs = ("v5.0.0-13.3.1",)

    def live(self, app: LiveApp) -> Iterator[Finding | Unknown]:
        main = app.config.get("SECRET_KEY")
        for setting in ("JWT_SECRET_KEY", "SECURITY_PASSWORD_SALT", "WTF_CSRF_SECRET_KEY", "JWT_SECRET"):
            if main and app.config.get(setting) == main:
                yield self.finding(
                    f"{setting} is the same as SECRET_KEY.",
                    location=app.place(setting),
                    evidence=(Evidence("setting", f"{setting} equals SECRET_KEY"),),
                    fix=f"Give {setting} a generated value of its own.",
                )
