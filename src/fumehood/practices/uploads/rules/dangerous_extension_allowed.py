from __future__ import annotations

import re
from collections.abc import Iterator

from fumehood.engines.live import LiveApp, LiveCheck
from fumehood.findings import Evidence, Finding, Rule, Severity, Unknown


class DangerousExtensionAllowed(Rule, LiveCheck):
    """Uploads that browsers or servers run are allowed.

    ## What it finds

    A setting such as `ALLOWED_EXTENSIONS` that contains `html`, `svg`, `js`, `php`, `py`, `exe` and the like.

    ## Why it is bad

    A page or drawing that somebody uploads runs its scripts in the site; a script runs on the next server that takes it for its own.

    ## Example

    ```python
    from flask import Flask

    app = Flask(__name__)
    app.config["ALLOWED_EXTENSIONS"] = {"png", "jpg", "svg", "html"}
    ```

    ## Use instead

    ```python
    from flask import Flask

    app = Flask(__name__)
    app.config["ALLOWED_EXTENSIONS"] = {"png", "jpg", "pdf"}
    ```

    ## References

    - [CWE-434: Unrestricted Upload of File with Dangerous Type](https://cwe.mitre.org/data/definitions/434.html)
    - [OWASP File Upload Cheat Sheet](https://cheatsheetseries.owasp.org/cheatsheets/File_Upload_Cheat_Sheet.html)
    """

    id = "FH904"
    name = "dangerous-extension-allowed"
    severity = Severity.MEDIUM
    cwe = 434
    asvs = ("v5.0.0-5.2.2",)

    _RUN = frozenset(
        [
            "html",
            "htm",
            "xhtml",
            "shtml",
            "svg",
            "xml",
            "js",
            "mjs",
            "php",
            "php5",
            "phtml",
            "phar",
            "jsp",
            "asp",
            "aspx",
            "cgi",
            "pl",
            "py",
            "pyc",
            "sh",
            "bat",
            "cmd",
            "ps1",
            "exe",
            "com",
            "dll",
            "scr",
            "jar",
            "vbs",
            "hta",
            "swf",
        ]
    )

    def live(self, app: LiveApp) -> Iterator[Finding | Unknown]:
        for setting, value in app.config.items():
            if not re.search(
                r"(ALLOWED|ACCEPTED|UPLOAD|VALID)\w*(EXTENSIONS?|EXTS?|TYPES|SUFFIXES)$", setting
            ) or not isinstance(value, list):
                continue
            run = sorted({str(item).lower().lstrip(".") for item in value} & self._RUN)
            if run:
                yield self.finding(
                    f"{setting} allows {', '.join(run)}.",
                    location=app.place(setting),
                    evidence=(Evidence("setting", f"{setting} contains {', '.join(run)}"),),
                    fix="Take them out, or serve them as downloads from a host of their own.",
                )
