from __future__ import annotations

from collections.abc import Iterator

from fumehood.engines.live import LiveApp, LiveCheck
from fumehood.findings import Evidence, Finding, Rule, Severity, Unknown
from fumehood.practices.secrets.strength import weakness


class WeakSecretKey(Rule, LiveCheck):
    """The secret key can be guessed.

    ## What it finds

    A `SECRET_KEY`, or one of `SECRET_KEY_FALLBACKS`, that is short, repeats itself, or is made of words. A value from tutorials
    is `well-known-secret-key`.

    ## Why it is bad

    A session cookie shows whether a guess at the key is right, so guessing needs no request to the server and nobody sees it.
    Keys that still verify old sessions count as much as the one that signs new ones.

    ## Example

    ```python
    from flask import Flask

    app = Flask(__name__)
    app.secret_key = "k9!fz"
    ```

    ## Use instead

    ```python
    import os
    import secrets

    from flask import Flask

    app = Flask(__name__)
    app.secret_key = os.environ.get("SHOP_KEY") or secrets.token_bytes(32)
    ```

    ## References

    - [CWE-331: Insufficient Entropy](https://cwe.mitre.org/data/definitions/331.html)
    - [Flask: SECRET_KEY](https://flask.palletsprojects.com/en/stable/config/#SECRET_KEY)
    """

    id = "FH202"
    name = "weak-secret-key"
    severity = Severity.HIGH
    cwe = 331
    shown_by = 798  # in the source, a key is a hard-coded credential
    asvs = ("v5.0.0-11.2.3", "v5.0.0-11.5.1")

    def live(self, app: LiveApp) -> Iterator[Finding | Unknown]:
        for setting, key in _keys(app):
            why = weakness(key.encode("latin-1", "replace"))
            if why and "well-known" not in why and key:
                yield self.finding(
                    f"{setting} {why}.",
                    location=app.place(setting.partition("[")[0]),
                    evidence=(Evidence("setting", f"{setting} has {len(key)} characters"),),
                    fix='Generate a key: python -c "import secrets; print(secrets.token_hex(32))", and keep it out of the source.',
                )


def _keys(app: LiveApp) -> Iterator[tuple[str, str]]:
    key = app.config.get("SECRET_KEY")
    if isinstance(key, str) and key:
        yield "SECRET_KEY", key
    for index, fallback in enumerate(app.config.get("SECRET_KEY_FALLBACKS") or ()):
        if isinstance(fallback, str):
            yield f"SECRET_KEY_FALLBACKS[{index}]", fallback
