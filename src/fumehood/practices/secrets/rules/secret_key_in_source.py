from __future__ import annotations

from collections.abc import Iterator

from fumehood.engines.live import LiveApp, LiveCheck
from fumehood.findings import Evidence, Finding, Rule, Severity, Unknown
from fumehood.practices.secrets.strength import weakness


class SecretKeyInSource(Rule, LiveCheck):
    """The secret key is written in the source.

    ## What it finds

    The value of `SECRET_KEY` of the running application, as a string in the project's Python files.

    ## Why it is bad

    Everybody who can read the repository, a backup of it, or an old image of the application has the key and can sign a session for any
    account. It is the same on every machine, and changing it needs a release.

    ## Example

    ```python
    from flask import Flask

    app = Flask(__name__)
    app.secret_key = "0cb5f6c9e1a94b2c8f7d3e6a5b4c9d8e7f60"
    ```

    ## Use instead

    The key comes from the environment, from a file outside of the repository, or from `Fumehood(app)`, which keeps one:

    ```python
    import os
    import secrets

    from flask import Flask

    app = Flask(__name__)
    app.secret_key = os.environ.get("SHOP_KEY") or secrets.token_hex(32)
    ```

    ## References

    - [CWE-798: Use of Hard-coded Credentials](https://cwe.mitre.org/data/definitions/798.html)
    - [OWASP Secrets Management Cheat Sheet](https://cheatsheetseries.owasp.org/cheatsheets/Secrets_Management_Cheat_Sheet.html)
    """

    id = "FH204"
    name = "secret-key-in-source"
    severity = Severity.HIGH
    cwe = 798
    asvs = ("v5.0.0-13.3.1",)

    def live(self, app: LiveApp) -> Iterator[Finding | Unknown]:
        key = app.config.get("SECRET_KEY")
        if not isinstance(key, str) or not key or "well-known" in weakness(key.encode("latin-1", "replace")):
            return
        for place in app.project.settings.get("SECRET_KEY", ()):
            if key in place.code:
                yield self.finding(
                    "SECRET_KEY is written in the source.",
                    location=place,
                    evidence=(Evidence("setting", "the running application's SECRET_KEY is this string"),),
                    fix="Make a new key, give it by the environment or a file, and drop this one: it stays in the history.",
                )
                return
