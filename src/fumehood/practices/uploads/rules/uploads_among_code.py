from __future__ import annotations

from collections.abc import Iterator

from fumehood.engines.live import LiveApp, LiveCheck
from fumehood.findings import Evidence, Finding, Rule, Severity, Unknown
from fumehood.practices.uploads.folders import inside, upload_folders


class UploadsAmongCode(Rule, LiveCheck):
    """Uploads are kept among the application's code or templates.

    ## What it finds

    A setting such as `UPLOAD_FOLDER` that is the application's package or template folder itself.

    ## Why it is bad

    A file that is uploaded under the right name is then a template or a module of the application, and runs.

    ## Example

    ```python
    from flask import Flask

    app = Flask(__name__)
    app.config["UPLOAD_FOLDER"] = app.root_path + "/templates/shared"
    ```

    ## Use instead

    ```python
    from flask import Flask

    app = Flask(__name__)
    app.config["UPLOAD_FOLDER"] = app.instance_path + "/uploads"
    ```

    ## References

    - [CWE-434: Unrestricted Upload of File with Dangerous Type](https://cwe.mitre.org/data/definitions/434.html)
    - [Flask: instance folders](https://flask.palletsprojects.com/en/stable/config/#instance-folders)
    """

    id = "FH903"
    name = "uploads-among-code"
    severity = Severity.HIGH
    cwe = 434
    asvs = ("v5.0.0-5.3.1",)

    def live(self, app: LiveApp) -> Iterator[Finding | Unknown]:
        templates = app.root_path + "/templates"
        for setting, folder in upload_folders(app):
            if inside(app.root_path, folder) or inside(folder, templates):
                yield self.finding(
                    f"{setting} is where the application's code or templates are.",
                    location=app.place(setting),
                    evidence=(Evidence("setting", f"{setting} is {folder}"),),
                    fix="Keep uploads in a folder of their own, outside of the package.",
                )
