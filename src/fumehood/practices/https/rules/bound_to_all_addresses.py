from __future__ import annotations

from collections.abc import Iterator

from fumehood.engines.code import Call, CodeCheck
from fumehood.findings import Finding, Rule, Severity


class BoundToAllAddresses(Rule, CodeCheck):
    """Flask's development server listens on all addresses.

    ## What it finds

    `app.run(host="0.0.0.0")` and its kin: the development server, open to every network of the machine. With debug mode on as well, FH310
    tells it.

    ## Why it is bad

    The development server speaks plain HTTP and is not made to stand an attack; with debug mode on, it runs the code that a visitor sends.

    ## Example

    ```python
    from flask import Flask

    app = Flask(__name__)

    if __name__ == "__main__":
        app.run(host="0.0.0.0")
    ```

    ## Use instead

    The development server on loopback, and a production server behind a proxy for everybody else.

    ```python
    from flask import Flask

    app = Flask(__name__)

    if __name__ == "__main__":
        app.run()
    ```

    ## References

    - [CWE-1327: Binding to an Unrestricted IP Address](https://cwe.mitre.org/data/definitions/1327.html)
    - [Flask: deploying to production](https://flask.palletsprojects.com/en/stable/deploying/)
    """

    id = "FH362"
    name = "bound-to-all-addresses"
    severity = Severity.LOW
    cwe = 1327
    asvs = ("v5.0.0-13.2.4",)
    fix = "Leave the development server on 127.0.0.1; serve others with a production server."
    calls = (
        "flask.Flask.run",
        "*.run",
        "*.bind",
        "werkzeug.serving.run_simple",
        "flask_socketio.SocketIO.run",
    )

    def call(self, call: Call) -> Iterator[Finding]:
        if call.name.endswith(".bind"):
            if any(item.may_be("0.0.0.0", "") for item in call[0].items()[:1]):  # noqa: S104 - looked for, not used
                yield self.flaw(call, "The socket listens on all addresses.")
            return
        if call["debug"].may_be(True) or call["2|debug"].may_be(True):
            return  # told as debug mode, which is the worse of the two
        if call["0|host|hostname"].may_be("0.0.0.0", "::", "") and (  # noqa: S104 - looked for, not used
            call.name != "?.run" or call["port"] or call["debug"]
        ):
            yield self.flaw(call, f"{call.name.removeprefix('?.')} listens on all addresses.")
