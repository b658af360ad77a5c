from __future__ import annotations

from collections.abc import Iterator

from fumehood.engines.code import CodeCheck, Program, script_flows
from fumehood.findings import Certainty, Finding, Rule, Severity

_SAYS = {
    "markup": "{source} becomes markup of the page in {sink}.",
    "code": "{source} is run as code in {sink}.",
    "address": "{source} decides where {sink} leads; it may be javascript:.",
}


class DomScripting(Rule, CodeCheck):
    """A script of a page makes markup or code of the page's address.

    ## What it finds

    In scripts of templates and in `.js` files: `location.hash`, `location.search`, `document.referrer` and the like that reach `innerHTML`,
    `document.write`, jQuery's `html()`, `eval` or `location`, by variables and functions too.

    ## Why it is bad

    Whoever opens a link runs what the link says, as themselves. The server never sees what stands behind the `#`, so nothing there can stop it.

    ## Example

    ```html
    # file: templates/index.html
    <p id="greeting"></p>
    <script>
    const name = decodeURIComponent(location.hash.slice(1));
    document.getElementById("greeting").innerHTML = "Hello " + name;
    </script>
    ```

    ## Use instead

    ```html
    # file: templates/index.html
    <p id="greeting"></p>
    <script>
    const name = decodeURIComponent(location.hash.slice(1));
    document.getElementById("greeting").textContent = "Hello " + name;
    </script>
    ```

    ## References

    - [CWE-79: Improper Neutralization of Input During Web Page Generation](https://cwe.mitre.org/data/definitions/79.html)
    - [OWASP: DOM based XSS Prevention Cheat Sheet](https://cheatsheetseries.owasp.org/cheatsheets/DOM_based_XSS_Prevention_Cheat_Sheet.html)
    """

    id = "FH471"
    name = "dom-scripting"
    severity = Severity.HIGH
    cwe = 79
    asvs = ("v5.0.0-3.2.2",)
    fix = "Set textContent, or sanitise with DOMPurify; for an address, compare its beginning with what is allowed."

    def program(self, program: Program) -> Iterator[Finding]:
        for path, text in (*program.templates.items(), *program.scripts.items()):
            for flow in script_flows(path, text):
                yield self.finding(
                    _SAYS[flow.kind].format(source=flow.source, sink=flow.sink),
                    severity=Severity.MEDIUM if flow.kind == "address" else self.severity,
                    certainty=Certainty.READ,
                    location=flow.location,
                    fix=self.fix,
                )
