from __future__ import annotations

from typing import TYPE_CHECKING

from fumehood.engines.address import OutsideCheck
from fumehood.engines.attack import SinkCheck
from fumehood.engines.code import FlowCheck
from fumehood.findings import Rule, Severity

if TYPE_CHECKING:
    from fumehood.engines.address.outside import Trial


class SqlInjection(Rule, FlowCheck, SinkCheck, OutsideCheck):
    """A request can change what an SQL statement means.

    ## What it finds

    A value of the request that becomes part of the text of an SQL statement: by concatenation, an f-string, `%`, `format` or
    `join`, directly or by way of other functions and files. Values that are bound (`?`, `:name`) and values that were
    converted to a number or chosen from a list are not reported.

    ## Why it is bad

    Whoever writes the statement reads, changes and deletes what the application can: all accounts with their passwords, and on
    some servers files and programs too.

    ## Example

    ```python
    import sqlite3
    from flask import Flask, request

    app = Flask(__name__)

    @app.get("/people")
    def people():
        name = request.args["name"]
        rows = sqlite3.connect("people.db").execute(f"SELECT id FROM person WHERE name = '{name}'")
        return {"ids": [row[0] for row in rows]}
    ```

    ## Use instead

    ```python
    import sqlite3
    from flask import Flask, request

    app = Flask(__name__)

    @app.get("/people")
    def people():
        rows = sqlite3.connect("people.db").execute("SELECT id FROM person WHERE name = ?", (request.args["name"],))
        return {"ids": [row[0] for row in rows]}
    ```

    Names of columns and directions of sorting cannot be bound: choose them from a list of your own.

    ## References

    - [CWE-89: SQL Injection](https://cwe.mitre.org/data/definitions/89.html)
    - [OWASP: SQL Injection Prevention](https://cheatsheetseries.owasp.org/cheatsheets/SQL_Injection_Prevention_Cheat_Sheet.html)
    """

    id = "FH801"
    name = "sql-injection"
    severity = Severity.CRITICAL
    cwe = 89
    asvs = ("v5.0.0-1.2.4",)
    sinks = ("sql",)
    parameters = True
    sink = ("sql", "nosql")
    probes = ("fh'\"`;--", "1 OR 1=1")
    message = "{source} becomes part of an SQL statement in {sink}"
    fix = "Bind the value: pass it as a parameter of the statement."

    def outside(self, trial: Trial) -> str:
        from fumehood.practices.sql.blind import shown_from_outside

        return shown_from_outside(trial)
