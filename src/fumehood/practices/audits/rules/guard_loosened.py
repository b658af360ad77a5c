from __future__ import annotations

from collections.abc import Iterator

from fumehood.engines.live import LiveApp, LiveCheck
from fumehood.findings import Evidence, Finding, Rule, Severity, Unknown


class GuardLoosened(Rule, LiveCheck):
    """The hood is set to guard less than it does by default.

    ## What it finds

    Settings of Fumehood with a value that is weaker than the default, wherever they are set: in the configuration, in the code, in the environment.

    ## Why it is bad

    It need not be: somebody may have had a reason. But a setting that was loosened for an afternoon is easily forgotten, so the audit lists all of them.

    ## Example

    ```python
    from flask import Flask

    from fumehood import Fumehood

    app = Flask(__name__)
    app.testing = True
    Fumehood(app, settings={"sinks": "watch"})
    ```

    ## Use instead

    ```python
    from flask import Flask

    from fumehood import Fumehood

    app = Flask(__name__)
    app.testing = True
    Fumehood(app)
    ```

    ## References

    - [CWE-1188: Initialization of a Resource with an Insecure Default](https://cwe.mitre.org/data/definitions/1188.html)
    """

    id = "FH1007"
    name = "guard-loosened"
    severity = Severity.INFO
    cwe = 1188

    def live(self, app: LiveApp) -> Iterator[Finding | Unknown]:
        loosened = app.details.get("hood", {}).get("loosened", {})
        if not loosened:
            return
        yield self.finding(
            f"The hood guards less than by default: {', '.join(loosened)}.",
            location=app.place(*loosened),
            evidence=tuple(Evidence("setting", f"{name} is {value!r}") for name, value in loosened.items()),
            fix="Remove what there is no reason for any more; accept the rest with that reason, in [[tool.fumehood.ignore]].",
        )
