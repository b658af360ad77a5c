from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fumehood.engines.attack import AttackCheck
from fumehood.engines.live import LiveApp, LiveCheck
from fumehood.findings import Certainty, Evidence, Finding, Rule, Severity, Unknown
from fumehood.practices.secrets.strength import weakness

if TYPE_CHECKING:
    from fumehood.engines.attack.ground import Ground


class WeakPurposeKey(Rule, LiveCheck, AttackCheck):
    """A token key of an extension can be guessed.

    ## What it finds

    `JWT_SECRET_KEY`, `WTF_CSRF_SECRET_KEY`, `SECURITY_PASSWORD_SALT` and the like that are short, well known or made of words.

    ## Why it is bad

    Whoever guesses a signing key makes tokens that the application believes; guessing needs no request to the server.

    ## Example

    ```python
    from flask import Flask

    app = Flask(__name__)
    app.config["JWT_SECRET_KEY"] = "jwt-secret"
    ```

    ## Use instead

    ```python
    import os
    import secrets

    from flask import Flask

    app = Flask(__name__)
    app.config["JWT_SECRET_KEY"] = os.environ.get("JWT_KEY") or secrets.token_hex(32)
    ```

    ## References

    - [CWE-1391: Use of Weak Credentials](https://cwe.mitre.org/data/definitions/1391.html)
    - [RFC 8725, section 3.5: cryptographic keys with sufficient entropy](https://www.rfc-editor.org/rfc/rfc8725#section-3.5)
    """

    id = "FH208"
    name = "weak-purpose-key"
    severity = Severity.HIGH
    cwe = 1391
    asvs = ("v5.0.0-11.2.3",)
    together = "questions"

    def live(self, app: LiveApp) -> Iterator[Finding | Unknown]:
        for setting in (
            "JWT_SECRET_KEY",
            "WTF_CSRF_SECRET_KEY",
            "SECURITY_PASSWORD_SALT",
            "SECURITY_TOTP_SECRETS",
            "JWT_SECRET",
            "TOKEN_SECRET",
        ):
            value = app.config.get(setting)
            values = list(value.values()) if isinstance(value, dict) else [value]
            for key in values:
                if isinstance(key, str) and key and key != app.config.get("SECRET_KEY"):
                    why = weakness(key.encode("latin-1", "replace"))
                    # A salt is mixed with the password's own: it must not be a word, but need not be long.
                    if why and (setting != "SECURITY_PASSWORD_SALT" or "well-known" in why):
                        yield self.finding(
                            f"{setting} {why}.",
                            location=app.place(setting),
                            evidence=(Evidence("setting", f"{setting} has {len(key)} characters"),),
                            fix='Generate it: python -c "import secrets; print(secrets.token_hex(32))", and keep it out of the source.',
                        )
                        break

    def attack(self, ground: Ground) -> Iterator[Finding | Unknown]:
        from fumehood.engines.attack.tokens import tokens_of
        from fumehood.practices.secrets.guesses import key_of_token

        for token in tokens_of(ground):
            if key := key_of_token(token):
                yield self.finding(
                    "The application's tokens are signed with a key that everybody tries first: anybody can write one.",
                    severity=Severity.CRITICAL,
                    certainty=Certainty.CONFIRMED,
                    evidence=(
                        Evidence(
                            "response",
                            f"the token {token[:20]}... is signed with a known key of {len(key)} characters",
                        ),
                    ),
                    fix="Generate a key (secrets.token_hex(32)) and give it by the environment or a file.",
                )
                return
