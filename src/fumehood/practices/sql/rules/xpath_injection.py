from __future__ import annotations

from fumehood.engines.attack import SinkCheck
from fumehood.engines.code import FlowCheck
from fumehood.findings import Rule, Severity


class XpathInjection(Rule, FlowCheck, SinkCheck):
    """A request can change an XPath query.

    ## What it finds

    A value of the request that becomes part of the text of an XPath expression, unless it stands in quotes that it cannot close. Values that are bound as variables are not reported.

    ## Why it is bad

    `' or '1'='1` selects everything in the document, passwords and all.

    ## Example

    ```python
    import lxml.etree
    from flask import Flask, request

    app = Flask(__name__)

    @app.get("/salary")
    def salary():
        staff = lxml.etree.parse("staff.xml")
        found = staff.xpath(f"/staff/person[@id='{request.args['id']}']")
        return {"found": len(found)}
    ```

    ## Use instead

    ```python
    import lxml.etree
    from flask import Flask, request

    app = Flask(__name__)

    @app.get("/salary")
    def salary():
        staff = lxml.etree.parse("staff.xml")
        found = staff.xpath("/staff/person[@id=$id]", id=request.args["id"])
        return {"found": len(found)}
    ```

    ## References

    - [CWE-643: XPath Injection](https://cwe.mitre.org/data/definitions/643.html)
    - [OWASP: XPath Injection](https://owasp.org/www-community/attacks/XPATH_Injection)
    """

    id = "FH841"
    name = "xpath-injection"
    severity = Severity.HIGH
    cwe = 643
    asvs = ("v5.0.0-1.2.7",)
    sinks = ("xpath",)
    sink = ("xpath",)
    probes = ("fh' or '1'='1",)
    message = "{source} becomes part of an XPath expression in {sink}"
    fix = "Bind it as a variable."
