from __future__ import annotations

from collections.abc import Iterator

from fumehood.engines.live import LiveApp, LiveCheck
from fumehood.findings import Evidence, Finding, Rule, Severity, Unknown
from fumehood.practices.secrets.strength import weakness


class WellKnownSecretKey(Rule, LiveCheck):
    """The secret key is one that everybody knows.

    ## What it finds

    A `SECRET_KEY` that stands in tutorials, templates and word lists, such as `dev` or `change-me`.

    ## Why it is bad

    Whoever knows the key signs sessions and tokens of their own, and is whom they want to be. Tools that try
    word lists against a captured session cookie take seconds.

    ## Example

    ```python
    from flask import Flask

    app = Flask(__name__)
    app.config["SECRET_KEY"] = "dev"
    ```

    ## Use instead

    A key from outside of the source, made by `python -c "import secrets; print(secrets.token_hex(32))"`:

    ```python
    import os
    import secrets

    from flask import Flask

    app = Flask(__name__)
    app.config["SECRET_KEY"] = os.environ.get("SHOP_KEY") or secrets.token_hex(32)
    ```

    ## References

    - [CWE-1392: Use of Default Credentials](https://cwe.mitre.org/data/definitions/1392.html)
    - [Flask: SECRET_KEY](https://flask.palletsprojects.com/en/stable/config/#SECRET_KEY)
    """

    id = "FH203"
    name = "well-known-secret-key"
    severity = Severity.CRITICAL
    cwe = 1392
    asvs = ("v5.0.0-13.2.3", "v5.0.0-13.3.1")

    def live(self, app: LiveApp) -> Iterator[Finding | Unknown]:
        key = app.config.get("SECRET_KEY")
        if isinstance(key, str) and "well-known" in weakness(key.encode()):
            yield self.finding(
                "SECRET_KEY is a value from tutorials and word lists, so anybody can sign a session.",
                location=app.place("SECRET_KEY"),
                evidence=(Evidence("setting", f"SECRET_KEY is a well-known value of {len(key)} characters"),),
                fix="Generate a key (secrets.token_hex(32)) and give it by the environment or a file, or let Fumehood(app) keep one.",
            )
