from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fumehood.engines.attack import AttackCheck
from fumehood.engines.code import Call, CodeCheck, Flow, FlowCheck
from fumehood.findings import Certainty, Finding, Rule, Severity, Unknown

if TYPE_CHECKING:
    from fumehood.engines.attack.ground import Ground

_CHECKED = ("data", "tar")


class ArchiveUnpackedBlindly(Rule, FlowCheck, CodeCheck, AttackCheck):  # type: ignore[misc]  # each flaw() by its name
    """An archive decides where its files are written.

    ## What it finds

    `extractall()` and `extract()` of a `tarfile` without `filter="data"`, `shutil.unpack_archive` of what may be a tar archive, and names of an archive's members that become paths.
    `zipfile`'s own `extractall()` takes `..` away and is not reported.

    ## Why it is bad

    A member named `../../app/__init__.py`, or a link that leads out, overwrites the application.

    ## Example

    ```python
    import tarfile

    from flask import Flask, request

    app = Flask(__name__)

    @app.post("/import")
    def load():
        with tarfile.open(fileobj=request.files["archive"].stream) as archive:
            archive.extractall("/srv/imported")
        return "done"
    ```

    ## Use instead

    ```python
    import tarfile

    from flask import Flask, request

    app = Flask(__name__)

    @app.post("/import")
    def load():
        with tarfile.open(fileobj=request.files["archive"].stream) as archive:
            archive.extractall("/srv/imported", filter="data")
        return "done"
    ```

    ## References

    - [CWE-22: Improper Limitation of a Pathname to a Restricted Directory](https://cwe.mitre.org/data/definitions/22.html)
    - [Python: extraction filters](https://docs.python.org/3/library/tarfile.html#extraction-filters)
    """

    id = "FH963"
    name = "archive-unpacked-blindly"
    severity = Severity.HIGH
    cwe = 22
    asvs = ("v5.0.0-5.3.3",)
    sinks = ("path",)
    sources = ("archive",)
    calls = ("tarfile.TarFile.extractall", "tarfile.TarFile.extract", "shutil.unpack_archive")
    fix = 'Pass filter="data"; of your own paths, resolve each and compare it with the folder before it is opened.'
    together = "uploads"

    def flow(self, flow: Flow) -> Iterator[Finding]:
        yield FlowCheck.flaw(
            self,
            flow,
            f"The name of an archive's member chooses the path in {flow.sink}.",
            severity=self.severity
            if flow.route
            else Severity.MEDIUM,  # where no request leads to, it may be one's own
        )

    def call(self, call: Call) -> Iterator[Finding]:
        if call["filter"].names or any(mode in _CHECKED for mode in call["filter"].constants):
            return
        if call["filter"] and not call["filter"].is_known:
            return
        if call.name == "shutil.unpack_archive" and str(call["0|filename"].constant or "").endswith(".zip"):
            return
        if call["members"] and not call["members"].is_known:  # chosen by the program
            return
        sent = bool(call.receiver.taint or call["0|filename"].tainted_by("request"))
        yield CodeCheck.flaw(
            self,
            call,
            "The archive's members are written where they say, links and .. included.",
            severity=self.severity if sent else Severity.MEDIUM,
            certainty=Certainty.READ if sent else Certainty.SUSPECTED,
        )

    def attack(self, ground: Ground) -> Iterator[Finding | Unknown]:
        from fumehood.engines.attack.keeping import escaped
        from fumehood.engines.attack.proof import prove

        for out in escaped(ground):
            yield self.finding(
                f"An archive sent as {out.field!r} writes files outside of the folder that it is unpacked in.",
                certainty=Certainty.CONFIRMED,
                location=ground.location(out.entry),
                route=str(out.entry),
                parameter=out.field,
                evidence=prove(out.sent, out.where, assertion=""),
                fix="Unpack with tarfile's filter='data', or check each name against the resolved folder.",
            )
