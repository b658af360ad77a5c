from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fumehood.engines.attack import AttackCheck
from fumehood.findings import Certainty, Finding, Rule, Severity, Unknown

if TYPE_CHECKING:
    from fumehood.engines.attack.ground import Ground


class UploadRunsInBrowser(Rule, AttackCheck):
    """An upload is served as a page that runs script.

    ## What it finds

    By attack: a field that takes an HTML page, an SVG drawing with script, a picture that is a page too, or a name with two extensions, and a route that gives it back with a type that browsers
    run, without `Content-Disposition: attachment` and without a policy that keeps script out.

    ## Why it is bad

    The script of whoever sent the file runs as the site's own, in the session of whoever opens it.

    ## Example

    ```python
    from pathlib import Path

    from flask import Flask, request, send_from_directory
    from werkzeug.utils import secure_filename

    app = Flask(__name__)
    KEPT = Path(app.root_path, "kept")

    @app.post("/files")
    def add():
        KEPT.mkdir(exist_ok=True)
        file = request.files["file"]
        name = secure_filename(file.filename)
        file.save(KEPT / name)
        return {"file": f"/files/{name}"}

    @app.get("/files/<name>")
    def show(name):
        return send_from_directory(KEPT, name)
    ```

    ## Use instead

    ```python
    from pathlib import Path

    from flask import Flask, request, send_from_directory
    from werkzeug.utils import secure_filename

    app = Flask(__name__)
    KEPT = Path(app.root_path, "kept")

    @app.post("/files")
    def add():
        KEPT.mkdir(exist_ok=True)
        file = request.files["file"]
        name = secure_filename(file.filename)
        file.save(KEPT / name)
        return {"file": f"/files/{name}"}

    @app.get("/files/<name>")
    def show(name):
        return send_from_directory(KEPT, name, as_attachment=True)
    ```

    ## References

    - [CWE-434: Unrestricted Upload of File with Dangerous Type](https://cwe.mitre.org/data/definitions/434.html)
    - [OWASP File Upload Cheat Sheet](https://cheatsheetseries.owasp.org/cheatsheets/File_Upload_Cheat_Sheet.html)
    """

    id = "FH962"
    name = "upload-runs-in-browser"
    severity = Severity.HIGH
    cwe = 434
    asvs = ("v5.0.0-3.2.1", "v5.0.0-5.4.1")
    together = "uploads"

    def attack(self, ground: Ground) -> Iterator[Finding | Unknown]:
        from fumehood.engines.attack.keeping import served
        from fumehood.engines.attack.proof import prove

        for found in served(ground):
            yield self.finding(
                f"The file {found.name!r} sent as {found.field!r} is given back at {found.answer.wanted.path} as {found.answer.header('Content-Type') or 'no type'}, and its script runs.",
                certainty=Certainty.CONFIRMED,
                location=ground.location(found.entry),
                route=str(found.entry),
                parameter=found.field,
                evidence=prove(
                    found.sent,
                    f"then GET {found.answer.wanted.path} answered with Content-Type: {found.answer.header('Content-Type')}",
                    assertion="",
                ),
                fix="Check the content, not the name; serve uploads with Content-Disposition: attachment or from another host. Fumehood's store does.",
            )
