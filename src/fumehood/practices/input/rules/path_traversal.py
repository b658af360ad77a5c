from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from fumehood.engines.address import OutsideCheck
from fumehood.engines.attack import SinkCheck
from fumehood.engines.code import Flow, FlowCheck
from fumehood.findings import Finding, Rule, Severity

if TYPE_CHECKING:
    from fumehood.engines.address.outside import Trial


class PathTraversal(Rule, FlowCheck, SinkCheck, OutsideCheck):
    """A request can choose a file outside the folder that is meant.

    ## What it finds

    A value of the request that becomes a path, or a part of one in which `..` is possible, in `open`, `send_file`, `os.remove`, `pathlib` and the like.
    Names through `secure_filename` or `safe_join`, numbers, and paths that are resolved and then compared with their folder are not reported.

    ## Why it is bad

    `../../etc/passwd` reads what was never meant to be shown: keys, sources, other people's files. Where something is written, it can replace the program.

    ## Example

    ```python
    from flask import Flask, request

    app = Flask(__name__)

    @app.get("/manual")
    def manual():
        return {"text": open("manuals/" + request.args["name"]).read()}
    ```

    ## Use instead

    ```python
    from flask import Flask, request, send_from_directory

    app = Flask(__name__)

    @app.get("/manual")
    def manual():
        return send_from_directory("manuals", request.args["name"])
    ```

    ## References

    - [CWE-22: Path Traversal](https://cwe.mitre.org/data/definitions/22.html)
    - [OWASP: Path Traversal](https://owasp.org/www-community/attacks/Path_Traversal)
    """

    id = "FH442"
    name = "path-traversal"
    severity = Severity.HIGH
    cwe = 22
    asvs = ("v5.0.0-5.3.2",)
    sinks = ("path",)
    sink = ("path",)
    probes = ("../../../../../../../../etc/passwd", "/etc/passwd")
    message = "{source} chooses the path in {sink}"
    fix = "Use send_from_directory or safe_join, or a name of your own for each file."

    def flow(self, flow: Flow) -> Iterator[Finding]:
        # Many things are saved, and not all under a name: a file that was sent is.
        if flow.sink == "save()" and flow.source_name != "flask.request.files":
            yield self.flaw(flow, severity=Severity.MEDIUM)
        else:
            yield self.flaw(flow)

    def outside(self, trial: Trial) -> str:
        for probe in self.probes:
            if found := re.search(r"root:[^:\s]*:0:0:", trial.ask(probe).body):
                return f"the answer holds a file of the system: {found[0]!r}"
        return ""
