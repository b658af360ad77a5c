from __future__ import annotations

from collections.abc import Iterator

from fumehood.engines.live import LiveApp, LiveCheck
from fumehood.findings import Evidence, Finding, Rule, Severity, Unknown


class FilesExposed(Rule, LiveCheck):
    """Source, keys or data lie in the static folder.

    ## What it finds

    Files in the folders that Flask serves to everybody that are not meant for browsers: Python source, databases, keys, `.env`, `.git`, configuration,
    backups, logs.

    ## Why it is bad

    Whoever guesses the name downloads it. Such names are guessed all day.

    ## Example

    ```python
    from pathlib import Path

    from flask import Flask

    app = Flask(__name__, static_folder=".")
    Path(app.root_path, "notes.sqlite").touch()
    ```

    ## Use instead

    ```python
    from flask import Flask

    app = Flask(__name__, static_folder="static")
    ```

    ## References

    - [CWE-552: Files or Directories Accessible to External Parties](https://cwe.mitre.org/data/definitions/552.html)
    - [CWE-538: Insertion of Sensitive Information into Externally-Accessible File](https://cwe.mitre.org/data/definitions/538.html)
    """

    id = "FH705"
    name = "files-exposed"
    severity = Severity.HIGH
    cwe = 552
    asvs = ("v5.0.0-13.4.1", "v5.0.0-13.4.7")

    def live(self, app: LiveApp) -> Iterator[Finding | Unknown]:
        if app.exposed_files:
            names = [path.removeprefix(app.root_path).lstrip("/\\") for path in app.exposed_files]
            yield self.finding(
                f"{len(names)} file{'s' if len(names) > 1 else ''} in the static folder {'are' if len(names) > 1 else 'is'} not meant for browsers.",
                evidence=tuple(Evidence("file", name) for name in names[:12]),
                fix="Move them out of the static folder.",
            )
