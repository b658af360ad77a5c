from __future__ import annotations

from collections.abc import Iterator

from fumehood.engines.live import LiveApp, LiveCheck
from fumehood.findings import Evidence, Finding, Rule, Severity, Unknown
from fumehood.practices.https.answers import parse_csp


class UnsafeContentSecurityPolicy(Rule, LiveCheck):
    """The Content-Security-Policy lets any script run.

    ## What it finds

    A policy whose scripts may be inline without a nonce or hash (`'unsafe-inline'`), evaluated from text (`'unsafe-eval'`), or
    come from anywhere (`*`, `https:`, `data:`); and one without `script-src` and `default-src`.

    ## Why it is bad

    Such a policy looks like protection, but the script that somebody smuggles into a page still runs.

    ## Example

    ```python
    from flask import Flask

    app = Flask(__name__)


    @app.after_request
    def policy(response):
        response.headers["Content-Security-Policy"] = "default-src 'self'; script-src 'self' 'unsafe-inline'"
        return response


    @app.get("/")
    def index():
        return "<script>start()</script>"
    ```

    ## Use instead

    A nonce; `Fumehood(app)` gives templates `csp_nonce()`:

    ```python
    import secrets

    from flask import Flask, g

    app = Flask(__name__)


    @app.after_request
    def policy(response):
        nonce = g.get("nonce", secrets.token_urlsafe(16))
        response.headers["Content-Security-Policy"] = f"default-src 'self'; script-src 'nonce-{nonce}'"
        return response


    @app.get("/")
    def index():
        g.nonce = secrets.token_urlsafe(16)
        return f'<script nonce="{g.nonce}">start()</script>'
    ```

    ## References

    - [MDN: script-src](https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Content-Security-Policy/script-src)
    - [CWE-693: Protection Mechanism Failure](https://cwe.mitre.org/data/definitions/693.html)
    """

    id = "FH304"
    name = "unsafe-content-security-policy"
    severity = Severity.MEDIUM
    cwe = 693
    asvs = ("v5.0.0-3.4.3",)
    from_answers = True

    def live(self, app: LiveApp) -> Iterator[Finding | Unknown]:
        seen: set[str] = set()
        for page in app.pages:
            for weakness in _weaknesses(page.header("Content-Security-Policy")):
                if weakness not in seen:
                    seen.add(weakness)
                    yield self.finding(
                        f"The Content-Security-Policy {weakness}.",
                        evidence=(
                            Evidence("header", f"{page}: {page.header('Content-Security-Policy')[:300]}"),
                        ),
                        fix="Move inline scripts to files or give them a nonce; name the hosts that scripts come from.",
                    )


def _weaknesses(header: str) -> Iterator[str]:
    if not header:
        return
    policy = parse_csp(header)
    scripts = policy.get("script-src", policy.get("default-src"))
    if scripts is None:
        yield "has neither script-src nor default-src, so scripts come from anywhere"
        return
    trusted = any(source.startswith(("'nonce-", "'sha256-", "'sha384-", "'sha512-")) for source in scripts)
    if "'unsafe-inline'" in scripts and not trusted:
        yield "allows inline scripts ('unsafe-inline')"
    if "'unsafe-eval'" in scripts:
        yield "allows scripts from text ('unsafe-eval')"
    wide = {"*", "https:", "http:", "data:"} & set(scripts)
    if wide and not (trusted and "'strict-dynamic'" in scripts):
        yield f"allows scripts from anywhere ({' '.join(sorted(wide))})"
