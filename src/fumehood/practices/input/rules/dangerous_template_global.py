from __future__ import annotations

from collections.abc import Iterator

from fumehood.engines.live import LiveApp, LiveCheck
from fumehood.findings import Evidence, Finding, Rule, Severity, Unknown


class DangerousTemplateGlobal(Rule, LiveCheck):
    """Templates can reach the operating system.

    ## What it finds

    Modules and functions such as `os`, `subprocess`, `eval`, `open` or `getattr` among Jinja's globals.

    ## Why it is bad

    One template that a visitor can influence is then a shell, without any detour.

    ## Example

    ```python
    import os

    from flask import Flask

    app = Flask(__name__)
    app.jinja_env.globals["os"] = os
    ```

    ## Use instead

    The value itself, or a function that gives just that:

    ```python
    import os

    from flask import Flask

    app = Flask(__name__)
    app.jinja_env.globals["release"] = os.environ.get("RELEASE", "")
    ```

    ## References

    - [CWE-1336: Improper Neutralization in a Template Engine](https://cwe.mitre.org/data/definitions/1336.html)
    - [Jinja: sandbox](https://jinja.palletsprojects.com/en/stable/sandbox/)
    """

    id = "FH405"
    name = "dangerous-template-global"
    severity = Severity.MEDIUM
    cwe = 1336
    asvs = ("v5.0.0-1.3.7",)

    _DANGEROUS = frozenset(
        {
            *(
                "os",
                "posix",
                "sys",
                "subprocess",
                "importlib",
                "shutil",
                "pickle",
                "ctypes",
                "builtins",
                "socket",
            ),
            *(
                "builtins.eval",
                "builtins.exec",
                "builtins.compile",
                "builtins.__import__",
                "builtins.open",
                "_io.open",
                "io.open",
            ),
            *(
                "builtins.getattr",
                "builtins.globals",
                "importlib.import_module",
                "os.popen",
                "posix.system",
                "os.system",
            ),
        }
    )

    def live(self, app: LiveApp) -> Iterator[Finding | Unknown]:
        for name, described in app.details["jinja"]["globals"].items():
            if described in self._DANGEROUS:
                yield self.finding(
                    f"Templates can use {name!r}, which is {described}.",
                    evidence=(Evidence("setting", f"jinja_env.globals[{name!r}] is {described}"),),
                    fix="Give templates the value that they show, not the module.",
                )
