from __future__ import annotations

import re
from collections.abc import Iterator

from fumehood.engines.live import LiveApp, LiveCheck
from fumehood.findings import Evidence, Finding, Rule, Severity, Unknown


class PasswordSentByGet(Rule, LiveCheck):
    """A form sends a password in the address.

    ## What it finds

    Pages with a password field in a form whose method is GET, which is what a form without a method has.

    ## Why it is bad

    Addresses are kept: in the browser's history, in logs of servers and proxies, and in what other sites are told.

    ## Example

    ```python
    from flask import Flask

    app = Flask(__name__)


    @app.get("/")
    def index():
        return "<form action=/login><input name=user><input type=password name=word></form>"
    ```

    ## Use instead

    ```python
    from flask import Flask

    app = Flask(__name__)


    @app.get("/")
    def index():
        return "<form action=/login method=post><input name=user><input type=password name=word></form>"
    ```

    ## References

    - [CWE-598: Use of GET Request Method With Sensitive Query Strings](https://cwe.mitre.org/data/definitions/598.html)
    - [MDN: form method](https://developer.mozilla.org/en-US/docs/Web/HTML/Reference/Elements/form#method)
    """

    id = "FH603"
    name = "password-sent-by-get"
    severity = Severity.MEDIUM
    cwe = 598
    asvs = ("v5.0.0-14.2.1",)
    from_answers = True

    _FORM = re.compile(r"<form\b([^>]*)>(.*?)(?:</form>|$)", re.IGNORECASE | re.DOTALL)

    def live(self, app: LiveApp) -> Iterator[Finding | Unknown]:
        seen: set[str] = set()
        for page in app.pages:
            for attributes, inside in self._FORM.findall(page.body):
                password = re.search(r"type\s*=\s*[\"']?password", inside, re.IGNORECASE)
                # A form that a script sends has no method and no action; what the script does is not seen here.
                by_script = re.search(
                    r"onsubmit|@submit|ng-submit|x-on:submit|hx-post", attributes
                ) or not re.search(r"\baction\s*=", attributes)
                if (
                    password
                    and not by_script
                    and not re.search(r"method\s*=\s*[\"']?(post|dialog)", attributes, re.IGNORECASE)
                    and page.path not in seen
                ):
                    seen.add(page.path)
                    yield self.finding(
                        f"The form on {page.path} sends a password in the address.",
                        route=f"GET {page.path}",
                        evidence=(
                            Evidence("response", f"{page}: a password field in a form without method=post"),
                        ),
                        fix='Give the form method="post".',
                    )
