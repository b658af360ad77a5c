from __future__ import annotations

import re
from collections.abc import Iterator

from fumehood.engines.code import CodeCheck, Route
from fumehood.findings import Certainty, Finding, Rule, Severity

_LOOKS = re.compile(
    r"allow|splitext|suffix|extension|(^|[._])ext$|mimetype|mime_type|content_type|magic|imghdr|guess|Image\.open|verify|validat|is_valid|endswith|FileAllowed|UploadSet|scan|check_file|schema|hashlib|Form$",
    re.IGNORECASE,
)


class UncheckedUpload(Rule, CodeCheck):
    """A file of a visitor is kept without a look at what it is.

    ## What it finds

    A view that saves a file of the request and, as far as can be read, looks neither at its extension nor at its type nor at its
    content. `secure_filename` makes the name safe, not the file.

    ## Why it is bad

    A page of HTML among the uploads runs as your site in other people's browsers; a script in the wrong folder runs on your server.

    ## Example

    ```python
    from flask import Flask, request
    from werkzeug.utils import secure_filename

    app = Flask(__name__)

    @app.post("/pictures")
    def add():
        picture = request.files["picture"]
        picture.save(f"/srv/pictures/{secure_filename(picture.filename)}")
        return "", 201
    ```

    ## Use instead

    ```python
    from pathlib import Path

    from flask import Flask, abort, request
    from werkzeug.utils import secure_filename

    app = Flask(__name__)
    KINDS = {".png", ".jpeg"}

    @app.post("/pictures")
    def add():
        picture = request.files["picture"]
        name = secure_filename(picture.filename)
        if Path(name).suffix.lower() not in KINDS:
            abort(415)
        picture.save(f"/srv/pictures/{name}")
        return "", 201
    ```

    ## References

    - [CWE-434: Unrestricted Upload of File with Dangerous Type](https://cwe.mitre.org/data/definitions/434.html)
    - [OWASP File Upload Cheat Sheet](https://cheatsheetseries.owasp.org/cheatsheets/File_Upload_Cheat_Sheet.html)
    """

    id = "FH960"
    name = "unchecked-upload"
    severity = Severity.MEDIUM
    cwe = 434
    asvs = ("v5.0.0-5.2.2",)
    fix = "Check the extension against a list and the content against the extension, or keep it with Fumehood's store."

    def route(self, route: Route) -> Iterator[Finding]:
        saves = any(name.startswith("flask.request.files") and name.endswith(".save") for name in route.calls)
        written = (*route.names, *route.calls, *route.reads, *route.decorators)
        if not saves or any(_LOOKS.search(name) for name in written):
            return
        if any(re.fullmatch(r"\.?(png|jpe?g|gif|pdf|csv|xlsx?|zip|txt)", text) for text in route.strings):
            return
        yield self.flaw(
            route, f"{route.function} keeps whatever file it is sent.", certainty=Certainty.SUSPECTED
        )
