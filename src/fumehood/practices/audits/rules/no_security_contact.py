from __future__ import annotations

from collections.abc import Iterator

from fumehood.engines.live import LiveApp, LiveCheck
from fumehood.findings import Evidence, Finding, Rule, Severity, Unknown


class NoSecurityContact(Rule, LiveCheck):
    """Nobody is told where to report a flaw.

    ## What it finds

    No answer at `/.well-known/security.txt`.

    ## Why it is bad

    Who finds a flaw and means well does not find whom to tell.

    ## Example

    ```python
    from flask import Flask

    app = Flask(__name__)
    ```

    ## Use instead

    ```python
    from flask import Flask

    app = Flask(__name__)
    TEXT = "Contact: mailto:security@shop.example\\nExpires: 2027-12-31T00:00:00Z\\n"


    @app.get("/.well-known/security.txt")
    def security_txt():
        return TEXT, {"Content-Type": "text/plain; charset=utf-8"}
    ```

    ## References

    - [RFC 9116: security.txt](https://www.rfc-editor.org/rfc/rfc9116)
    - [CWE-1059: Insufficient Technical Documentation](https://cwe.mitre.org/data/definitions/1059.html)
    """

    id = "FH1006"
    name = "no-security-contact"
    severity = Severity.INFO
    cwe = 1059
    from_answers = True

    def live(self, app: LiveApp) -> Iterator[Finding | Unknown]:
        for answer in app.asked("security.txt"):
            if answer.status >= 400 or "contact:" not in answer.body.lower():
                yield self.finding(
                    "There is no /.well-known/security.txt.",
                    evidence=(Evidence("response", str(answer)),),
                    fix="Answer it with a Contact and an Expires line; Fumehood(app) does: FUMEHOOD_SECURITY_TXT = "
                    '{"Contact": "mailto:...", "Expires": "..."}.',
                )
