from __future__ import annotations

from collections.abc import Iterator, Sequence

from fumehood.engines.code import Flow, FlowCheck, Program
from fumehood.findings import Certainty, Finding, Rule, Severity


class CsvInjection(Rule, FlowCheck):
    """What people entered becomes formulas of a spreadsheet.

    ## What it finds

    Text of the request, or text that was stored by one, that is written into a CSV file as it is, so that it may begin with `=`, `+`, `-` or `@`.
    Numbers, and texts that begin with something else, are not reported.

    ## Why it is bad

    The spreadsheet of whoever opens the export runs `=HYPERLINK(...)` or `=WEBSERVICE(...)` and gives away what else is in it.

    ## Example

    ```python
    import csv
    import io

    from flask import Flask, request

    app = Flask(__name__)

    @app.post("/export")
    def export():
        out = io.StringIO()
        csv.writer(out).writerow([request.form["name"], 3])
        return out.getvalue(), {"Content-Type": "text/csv"}
    ```

    ## Use instead

    ```python
    import csv
    import io

    from flask import Flask, request

    app = Flask(__name__)

    def cell(text):
        return "'" + text

    @app.post("/export")
    def export():
        out = io.StringIO()
        csv.writer(out).writerow([cell(request.form["name"]), 3])
        return out.getvalue(), {"Content-Type": "text/csv"}
    ```

    ## References

    - [CWE-1236: Improper Neutralization of Formula Elements in a CSV File](https://cwe.mitre.org/data/definitions/1236.html)
    - [OWASP: CSV Injection](https://owasp.org/www-community/attacks/CSV_Injection)
    """

    id = "FH469"
    name = "csv-injection"
    severity = Severity.LOW
    cwe = 1236
    asvs = ("v5.0.0-1.2.10",)
    sinks = ("csv",)
    sources = ("request", "stored")
    fix = "Put an apostrophe before texts that begin with =, +, -, @, a tab or a line break."

    def settle(self, findings: Sequence[Finding], program: Program) -> Sequence[Finding]:
        """The lines of one export are one flaw: what writes them escapes no cell."""
        files: dict[str, Finding] = {}
        for one in sorted(
            findings,
            key=lambda finding: (-finding.certainty, finding.location.line if finding.location else 0),
        ):
            files.setdefault(one.location.path if one.location else "", one)
        return list(files.values())

    def flow(self, flow: Flow) -> Iterator[Finding]:
        yield self.flaw(
            flow,
            f"{flow.source} is written into a CSV file as it is; it may be a formula.",
            certainty=flow.certainty if flow.source_kind == "request" else Certainty.SUSPECTED,
        )
