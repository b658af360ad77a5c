from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fumehood.engines.address import AddressCheck, Site
from fumehood.engines.attack import AttackCheck
from fumehood.engines.live import LiveApp, LiveCheck
from fumehood.findings import Certainty, Evidence, Finding, Rule, Severity, Unknown
from fumehood.practices.access import private_files

if TYPE_CHECKING:
    from fumehood.engines.attack.ground import Ground


class FilesExposed(Rule, AddressCheck, LiveCheck, AttackCheck):
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
    together = "questions"

    def live(self, app: LiveApp) -> Iterator[Finding | Unknown]:
        if app.exposed_files:
            names = [path.removeprefix(app.root_path).lstrip("/\\") for path in app.exposed_files]
            yield self.finding(
                f"{len(names)} file{'s' if len(names) > 1 else ''} in the static folder {'are' if len(names) > 1 else 'is'} not meant for browsers.",
                evidence=tuple(Evidence("file", name) for name in names[:12]),
                fix="Move them out of the static folder.",
            )

    files = tuple(private_files.LOOKED_FOR)

    def address(self, site: Site) -> Iterator[Finding | Unknown]:
        for answer in site.asked("private-file"):
            path = "/" + answer.url.split("/", 3)[3]
            if answer.status == 200 and (what := private_files.recognised(path, answer)):
                yield self.finding(
                    f"The site serves {path}: {what}.",
                    certainty=Certainty.CONFIRMED,
                    route=f"GET {path}",
                    evidence=(Evidence("response", str(answer)),),
                    fix="Serve a folder that holds nothing else, and refuse names that begin with a dot.",
                )

    def attack(self, ground: Ground) -> Iterator[Finding | Unknown]:
        from fumehood.engines.attack.exchange import Wanted
        from fumehood.engines.attack.proof import prove

        static = ground.stage.app.static_url_path or ""
        for name in private_files.LOOKED_FOR:
            for path in dict.fromkeys((name, static + name)):
                answer = ground.send(Wanted("GET", path))
                if answer.status == 200 and (what := private_files.recognised(path, answer)):
                    yield self.finding(
                        f"The application serves {path}: {what}.",
                        certainty=Certainty.CONFIRMED,
                        route=f"GET {path}",
                        evidence=prove(answer, f"the answer is {what}", "assert response.status_code == 404"),
                        fix="Serve a folder that holds nothing else, and refuse names that begin with a dot.",
                    )
