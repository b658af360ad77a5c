from __future__ import annotations

from collections.abc import Iterator

from fumehood.engines.live import LiveApp, LiveCheck
from fumehood.findings import Evidence, Finding, Rule, Severity, Unknown


class ProxyTrustTooWide(Rule, LiveCheck):
    """Clients can forge the proxy's headers.

    ## What it finds

    `ProxyFix` that is applied twice, or that trusts more than two proxies.

    ## Why it is bad

    Each trusted proxy that is not really there lets a client write its own address, host and scheme: throttling by address, redirects to HTTPS and links
    in mails then follow what the client says.

    ## Example

    ```python
    from flask import Flask
    from werkzeug.middleware.proxy_fix import ProxyFix

    app = Flask(__name__)
    app.wsgi_app = ProxyFix(app.wsgi_app, x_for=10, x_proto=10, x_host=10)
    ```

    ## Use instead

    Exactly as many as stand in front:

    ```python
    from flask import Flask
    from werkzeug.middleware.proxy_fix import ProxyFix

    app = Flask(__name__)
    app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1)
    ```

    ## References

    - [CWE-348: Use of Less Trusted Source](https://cwe.mitre.org/data/definitions/348.html)
    - [Flask: tell Flask it is behind a proxy](https://flask.palletsprojects.com/en/stable/deploying/proxy_fix/)
    """

    id = "FH315"
    name = "proxy-trust-too-wide"
    severity = Severity.MEDIUM
    cwe = 348
    asvs = ("v5.0.0-4.1.3", "v5.0.0-15.3.4")

    def live(self, app: LiveApp) -> Iterator[Finding | Unknown]:
        fixes = [item for item in app.middleware if item.name == "ProxyFix"]
        if len(fixes) > 1:
            yield self.finding(
                f"ProxyFix is applied {len(fixes)} times, so a client's own forwarding headers are believed.",
                evidence=(Evidence("setting", f"{len(fixes)} ProxyFix around app.wsgi_app"),),
                fix="Apply it once, with the number of proxies that really stand in front.",
            )
        for item in fixes:
            most = max(
                (
                    value
                    for key, value in item.attributes.items()
                    if key.startswith("x_") and isinstance(value, int)
                ),
                default=0,
            )
            if most > 2:
                yield self.finding(
                    f"ProxyFix trusts {most} proxies.",
                    evidence=(
                        Evidence(
                            "setting", ", ".join(f"{key}={value}" for key, value in item.attributes.items())
                        ),
                    ),
                    fix="Give the number of proxies that really stand in front, usually 1.",
                )
