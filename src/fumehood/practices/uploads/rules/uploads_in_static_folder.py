from __future__ import annotations

from collections.abc import Iterator

from fumehood.engines.live import LiveApp, LiveCheck
from fumehood.findings import Evidence, Finding, Rule, Severity, Unknown
from fumehood.practices.uploads.folders import inside, upload_folders


class UploadsInStaticFolder(Rule, LiveCheck):
    """Uploads are served as the site's own files.

    ## What it finds

    A setting such as `UPLOAD_FOLDER` that lies in a folder that Flask serves.

    ## Why it is bad

    What somebody uploads is at once at an address of the site, without a check of who asks, with the type that its name says: an HTML or SVG file runs
    its scripts with the session of whoever opens it.

    ## Example

    ```python
    from flask import Flask

    app = Flask(__name__)
    app.config["UPLOAD_FOLDER"] = app.static_folder + "/uploads"
    ```

    ## Use instead

    A folder that is not served, and a route that looks who asks; the hood's store is one:

    ```python
    from flask import Flask

    app = Flask(__name__)
    app.config["UPLOAD_FOLDER"] = app.instance_path + "/uploads"
    ```

    ## References

    - [CWE-434: Unrestricted Upload of File with Dangerous Type](https://cwe.mitre.org/data/definitions/434.html)
    - [OWASP File Upload Cheat Sheet](https://cheatsheetseries.owasp.org/cheatsheets/File_Upload_Cheat_Sheet.html)
    """

    id = "FH902"
    name = "uploads-in-static-folder"
    severity = Severity.HIGH
    cwe = 434
    asvs = ("v5.0.0-5.3.1", "v5.0.0-5.4.1")

    def live(self, app: LiveApp) -> Iterator[Finding | Unknown]:
        for setting, folder in upload_folders(app):
            if any(inside(folder, static) for static in app.static_folders):
                yield self.finding(
                    f"{setting} lies in the static folder.",
                    location=app.place(setting),
                    evidence=(Evidence("setting", f"{setting} is {folder}"),),
                    fix="Keep uploads outside of the static folder, and serve them by a route that looks who asks.",
                )
