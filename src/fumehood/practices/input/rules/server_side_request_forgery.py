from __future__ import annotations

from fumehood.engines.attack import SinkCheck
from fumehood.engines.code import FlowCheck
from fumehood.findings import Rule, Severity


class ServerSideRequestForgery(Rule, FlowCheck, SinkCheck):
    """A request can choose where the server connects to.

    ## What it finds

    A value of the request that becomes an address in `requests`, `httpx`, `urllib` and the like, or the part of one that decides the host. A value behind a fixed host is not reported.

    ## Why it is bad

    The server reaches what its visitors cannot: cloud metadata with credentials, databases, admin pages of the inner network.

    ## Example

    ```python
    import requests
    from flask import Flask, request

    app = Flask(__name__)

    @app.get("/preview")
    def preview():
        return {"text": requests.get(request.args["url"], timeout=5).text}
    ```

    ## Use instead

    ```python
    from flask import Flask, request
    from fumehood import fetch_url

    app = Flask(__name__)

    @app.get("/preview")
    def preview():
        return {"text": fetch_url(request.args["url"]).text}
    ```

    ## References

    - [CWE-918: Server-Side Request Forgery](https://cwe.mitre.org/data/definitions/918.html)
    - [OWASP: Server-Side Request Forgery Prevention](https://cheatsheetseries.owasp.org/cheatsheets/Server_Side_Request_Forgery_Prevention_Cheat_Sheet.html)
    """

    id = "FH445"
    name = "server-side-request-forgery"
    severity = Severity.HIGH
    cwe = 918
    asvs = ("v5.0.0-1.3.6",)
    sinks = ("url",)
    sink = ("url",)
    probes = ("http://127.0.0.1:9/fh", "file:///etc/passwd")
    message = "{source} chooses the address in {sink}"
    fix = "Choose the host from a list of your own, or use fumehood.fetch_url."
