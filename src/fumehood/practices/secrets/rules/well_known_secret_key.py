from __future__ import annotations

from collections.abc import Iterator

from fumehood.engines.address import AddressCheck, Site
from fumehood.engines.live import LiveApp, LiveCheck
from fumehood.findings import Certainty, Evidence, Finding, Rule, Severity, Unknown
from fumehood.practices.secrets.guesses import key_of_cookie, signed_by_flask
from fumehood.practices.secrets.strength import weakness


class WellKnownSecretKey(Rule, LiveCheck, AddressCheck):
    """The secret key is one that everybody knows.

    ## What it finds

    A `SECRET_KEY` that stands in tutorials, templates and word lists, such as `dev` or `change-me`. At a live address: a session cookie that one of them has signed.

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
    shown_by = 798  # in the source, a key is a hard-coded credential
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

    def address(self, site: Site) -> Iterator[Finding | Unknown]:
        cookies = {cookie.partition(";")[0] for answer in site.answers for cookie in answer.cookies}
        for name, _, value in sorted(cookie.partition("=") for cookie in cookies):
            if signed_by_flask(value) and (key := key_of_cookie(value)):
                yield self.finding(
                    f"The cookie {name!r} is signed with a key that everybody tries first, so anybody can sign another.",
                    certainty=Certainty.CONFIRMED,
                    evidence=(
                        Evidence(
                            "header",
                            f"Set-Cookie: {name}={value[:12]}... is signed with a known key of {len(key)} characters",
                        ),
                    ),
                    fix="Generate a key (secrets.token_hex(32)) and give it by the environment or a file, or let Fumehood(app) keep one.",
                )
                return
