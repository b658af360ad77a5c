from __future__ import annotations

import re
from collections.abc import Iterator

from fumehood.engines.live import LiveApp, LiveCheck
from fumehood.findings import Evidence, Finding, Rule, Severity, Unknown


class DirectoryListing(Rule, LiveCheck):
    """A folder's files are listed to every visitor.

    ## What it finds

    A page, asked for by nobody, that lists the files of a folder: `Index of /`, or links to the parent folder and to files.

    ## Why it is bad

    Names of backups, exports and other people's uploads are all that is missing to get at them.

    ## Example

    ```python
    from pathlib import Path

    from flask import Flask

    app = Flask(__name__)

    @app.get("/files/")
    def files():
        names = sorted(path.name for path in Path(app.root_path).iterdir())
        rows = "".join(f'<li><a href="{name}">{name}</a>' for name in names)
        return f"<title>Index of /files/</title><h1>Index of /files/</h1><ul><li><a href='../'>../</a>{rows}</ul>"
    ```

    ## Use instead

    ```python
    from flask import Flask, send_from_directory

    app = Flask(__name__)

    @app.get("/files/<name>")
    def file(name):
        return send_from_directory("published", name)
    ```

    ## References

    - [CWE-548: Exposure of Information Through Directory Listing](https://cwe.mitre.org/data/definitions/548.html)
    - [OWASP: Review webserver metafiles](https://owasp.org/www-project-web-security-testing-guide/)
    """

    id = "FH708"
    name = "directory-listing"
    severity = Severity.MEDIUM
    cwe = 548
    asvs = ("v5.0.0-13.4.3",)
    from_answers = True

    _TITLE = re.compile(
        r"<(title|h1)[^>]*>\s*(Index of|Directory listing (for|of)|Listing of) ?/?", re.IGNORECASE
    )
    _PARENT = re.compile(r"<a[^>]+href=[\"']?\.\./?[\"']?[^>]*>\s*(\.\.|parent)", re.IGNORECASE)

    def live(self, app: LiveApp) -> Iterator[Finding | Unknown]:
        for answer in app.asked("page"):
            if (
                answer.status == 200
                and answer.is_html
                and self._TITLE.search(answer.body)
                and self._PARENT.search(answer.body)
            ):
                yield self.finding(
                    f"{answer.path} lists the files of a folder.",
                    route=f"GET {answer.path}",
                    evidence=(
                        Evidence("response", f"{answer}: it lists files, and leads to the folder above"),
                    ),
                    fix="Switch the listing off (nginx: autoindex off), or show only what is meant to be found.",
                )
