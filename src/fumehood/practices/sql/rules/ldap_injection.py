from __future__ import annotations

from fumehood.engines.attack import SinkCheck
from fumehood.engines.code import FlowCheck
from fumehood.findings import Rule, Severity


class LdapInjection(Rule, FlowCheck, SinkCheck):
    """A request can change an LDAP query.

    ## What it finds

    A value of the request that becomes part of the filter or the base of an LDAP search without `escape_filter_chars`.

    ## Why it is bad

    `*)(uid=*` finds everybody, and a login that is decided by a search lets everybody in.

    ## Example

    ```python
    import ldap3
    from flask import Flask, request

    app = Flask(__name__)

    @app.get("/person")
    def person():
        directory = ldap3.Connection("ldap.lab.example")
        directory.search("ou=people", f"(uid={request.args['uid']})")
        return {"found": len(directory.entries)}
    ```

    ## Use instead

    ```python
    import ldap3
    from ldap3.utils.conv import escape_filter_chars
    from flask import Flask, request

    app = Flask(__name__)

    @app.get("/person")
    def person():
        directory = ldap3.Connection("ldap.lab.example")
        directory.search("ou=people", f"(uid={escape_filter_chars(request.args['uid'])})")
        return {"found": len(directory.entries)}
    ```

    ## References

    - [CWE-90: LDAP Injection](https://cwe.mitre.org/data/definitions/90.html)
    - [OWASP: LDAP Injection Prevention](https://cheatsheetseries.owasp.org/cheatsheets/LDAP_Injection_Prevention_Cheat_Sheet.html)
    """

    id = "FH840"
    name = "ldap-injection"
    severity = Severity.HIGH
    cwe = 90
    asvs = ("v5.0.0-1.2.6",)
    sinks = ("ldap",)
    parameters = True
    sink = ("ldap",)
    probes = ("*)(fh=*",)
    message = "{source} becomes part of an LDAP query in {sink}"
    fix = "Escape it with escape_filter_chars."
