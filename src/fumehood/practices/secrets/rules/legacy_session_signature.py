from __future__ import annotations

from collections.abc import Iterator

from fumehood.engines.live import LiveApp, LiveCheck
from fumehood.findings import Evidence, Finding, Rule, Severity, Unknown


class LegacySessionSignature(Rule, LiveCheck):
    """Sessions are signed with SHA-1.

    ## What it finds

    Flask's own session interface, whose cookies are signed by HMAC with SHA-1.

    ## Why it is bad

    HMAC-SHA-1 is not broken; but SHA-1 is retired, rules such as ASVS and FIPS 140-3 no longer allow it, and one day changing
    it in a hurry logs everybody out.

    ## Example

    ```python
    from flask import Flask, session

    app = Flask(__name__)
    app.secret_key = b"0" * 16


    @app.get("/")
    def index():
        return session.get("name", "nobody")
    ```

    ## Use instead

    `Fumehood(app)`, whose session signs with SHA-256 and is faster, or:

    ```python
    import hashlib

    from flask import Flask, session
    from flask.sessions import SecureCookieSessionInterface


    class Sessions(SecureCookieSessionInterface):
        digest_method = staticmethod(hashlib.sha256)


    app = Flask(__name__)
    app.secret_key = b"0" * 16
    app.session_interface = Sessions()


    @app.get("/")
    def index():
        return session.get("name", "nobody")
    ```

    ## References

    - [NIST: retiring SHA-1](https://csrc.nist.gov/news/2022/nist-transitioning-away-from-sha-1-for-all-apps)
    - [CWE-328: Use of Weak Hash](https://cwe.mitre.org/data/definitions/328.html)
    """

    id = "FH206"
    name = "legacy-session-signature"
    severity = Severity.INFO
    cwe = 328
    asvs = ("v5.0.0-11.4.1",)

    def live(self, app: LiveApp) -> Iterator[Finding | Unknown]:
        if app.uses_session and app.details["session"]["digest"] == "sha1":
            yield self.finding(
                "Session cookies are signed by HMAC with SHA-1, Flask's default.",
                evidence=(
                    Evidence(
                        "setting", f"session interface {app.details['session']['interface']}, digest sha1"
                    ),
                ),
                fix="Install Fumehood(app), or set digest_method to hashlib.sha256 in a session interface of your own.",
            )
