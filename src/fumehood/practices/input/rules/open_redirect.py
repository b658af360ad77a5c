from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from fumehood.engines.attack import AnswerCheck
from fumehood.engines.code import Flow, FlowCheck
from fumehood.findings import Finding, Rule, Severity

if TYPE_CHECKING:
    from fumehood.engines.attack.exchange import Exchange

_ELSEWHERE = "fumehood-audit.example"  # RFC 2606: belongs to nobody

# Where the visitor already is, or was.
_BACK = ("flask.request.referrer", "flask.request.full_path", "flask.request.path", "flask.request.url")


class OpenRedirect(Rule, FlowCheck, AnswerCheck):
    """A request can choose where people are sent.

    ## What it finds

    A value of the request that becomes the address of a redirect, unless it stands behind a fixed host or path or its host was compared.

    ## Why it is bad

    A link to your site then leads to another that looks the same, and people type their password there.

    ## Example

    ```python
    from flask import Flask, redirect, request

    app = Flask(__name__)

    @app.get("/next")
    def follow():
        return redirect(request.args["next"])
    ```

    ## Use instead

    ```python
    from flask import Flask, redirect, request
    from fumehood import safe_redirect

    app = Flask(__name__)

    @app.get("/next")
    def follow():
        return safe_redirect(request.args["next"])
    ```

    ## References

    - [CWE-601: Open Redirect](https://cwe.mitre.org/data/definitions/601.html)
    - [OWASP: Unvalidated Redirects and Forwards](https://cheatsheetseries.owasp.org/cheatsheets/Unvalidated_Redirects_and_Forwards_Cheat_Sheet.html)
    """

    id = "FH446"
    name = "open-redirect"
    severity = Severity.MEDIUM
    cwe = 601
    asvs = ("v5.0.0-1.2.2",)
    sinks = ("redirect",)
    message = "{source} chooses where {sink} leads"
    fix = "Use fumehood.safe_redirect, or a list of your own."
    echoes = (f"https://{_ELSEWHERE}/", f"//{_ELSEWHERE}/", f"/\\{_ELSEWHERE}/")
    leads = True

    def flow(self, flow: Flow) -> Iterator[Finding]:
        # Nobody can make another person's browser say where it came from but by being there.
        back = (
            flow.source_name in _BACK
            or "[Refer" in flow.source_name
            or flow.parameter.startswith(("Refer", "HTTP_REFERER"))
        )
        if back:
            yield self.flaw(flow, severity=Severity.LOW)
        else:
            yield self.flaw(flow)

    mended = f'assert not response.headers.get("Location", "").startswith({echoes!r})'

    def shown(self, answer: Exchange, probe: str) -> str:
        if not 300 <= answer.status < 400:
            return ""
        there = answer.header("Location").strip()
        try:
            host = urlsplit(urljoin("https://localhost/", there.replace("\\", "/"))).hostname
        except ValueError:
            return ""
        return f"the answer sends the visitor to {there}" if host == _ELSEWHERE else ""
