from __future__ import annotations

from typing import TYPE_CHECKING

from fumehood.engines.attack import AnswerCheck
from fumehood.findings import Rule, Severity

if TYPE_CHECKING:
    from fumehood.engines.attack.exchange import Exchange


class HeaderInjection(Rule, AnswerCheck):
    """A request can write headers into an answer.

    ## What it finds

    By attack: a value with a line break that becomes a header of its own. Werkzeug refuses such values; middleware and code that calls `start_response` by itself does not.

    ## Why it is bad

    Whoever writes headers sets cookies, and writes the page itself.

    ## Example

    ```python
    from urllib.parse import parse_qs

    from flask import Flask, request

    app = Flask(__name__)

    class Language:
        def __init__(self, wsgi):
            self.wsgi = wsgi

        def __call__(self, environ, start_response):
            asked = parse_qs(environ["QUERY_STRING"]).get("lang", ["en"])[0]

            def with_language(status, headers, *rest):
                for line in f"Content-Language: {asked}".splitlines():
                    headers.append(tuple(part.strip() for part in line.partition(":")[::2]))
                return start_response(status, headers, *rest)

            return self.wsgi(environ, with_language)

    app.wsgi_app = Language(app.wsgi_app)

    @app.get("/")
    def index():
        return {"language": request.args.get("lang", "en")}
    ```

    ## Use instead

    ```python
    from flask import Flask, request

    app = Flask(__name__)

    @app.get("/")
    def index():
        answer = app.make_response({"language": request.args.get("lang", "en")})
        answer.headers["Content-Language"] = "de" if request.args.get("lang") == "de" else "en"
        return answer
    ```

    ## References

    - [CWE-113: Improper Neutralization of CRLF Sequences in HTTP Headers](https://cwe.mitre.org/data/definitions/113.html)
    - [OWASP: HTTP response splitting](https://owasp.org/www-community/attacks/HTTP_Response_Splitting)
    """

    id = "FH470"
    name = "header-injection"
    severity = Severity.HIGH
    cwe = 113
    asvs = ("v5.0.0-1.3.11",)
    echoes = ("fh\r\nX-Fumehood-Audit: written", "fh\nX-Fumehood-Audit: written")
    mended = 'assert "X-Fumehood-Audit" not in response.headers'

    def shown(self, answer: Exchange, probe: str) -> str:
        given = answer.header("X-Fumehood-Audit")
        return (
            "a line break in it becomes a header of the answer, X-Fumehood-Audit"
            if given.startswith("written")
            else ""
        )
