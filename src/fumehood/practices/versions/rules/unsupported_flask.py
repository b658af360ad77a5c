from __future__ import annotations

from collections.abc import Iterator

from fumehood.engines.live import LiveApp, LiveCheck, Project, ProjectCheck
from fumehood.findings import Evidence, Finding, Location, Rule, Severity, Unknown


class UnsupportedFlask(Rule, ProjectCheck, LiveCheck):
    """Flask or a library beneath it gets no security fixes any more.

    ## What it finds

    Flask, Werkzeug, Jinja2, itsdangerous or click below the oldest version that still gets fixes: what is installed beside the running application, else
    what the project's files pin.

    ## Why it is bad

    The Pallets projects mend flaws in their current feature release. Older ones have known holes, and defaults that have since been tightened: a limit on
    form parts, trusted hosts, slower hashes.

    ## Example

    ```text
    # file: requirements.txt
    flask==1.1.4
    werkzeug==1.0.1
    ```

    ## Use instead

    ```text
    # file: requirements.txt
    flask==3.1.3
    werkzeug==3.1.9
    ```

    ## References

    - [Pallets: version support](https://palletsprojects.com/versions)
    - [CWE-1104: Use of Unmaintained Third Party Components](https://cwe.mitre.org/data/definitions/1104.html)
    """

    id = "FH103"
    name = "unsupported-flask"
    severity = Severity.MEDIUM
    cwe = 1104
    asvs = ("v5.0.0-15.2.1",)

    # Support goes by feature release; one back is lenient, since distributions still mend it.
    _OLDEST = {"flask": "3.0", "werkzeug": "3.0", "jinja2": "3.1", "itsdangerous": "2.2", "click": "8.1"}

    def live(self, app: LiveApp) -> Iterator[Finding | Unknown]:
        for name, oldest in self._OLDEST.items():
            version = app.packages.get(name, "")
            if _older(version, oldest):
                yield self._found(name, version, oldest, None, f"{name} {version} is installed")

    def project(self, project: Project) -> Iterator[Finding | Unknown]:
        for item in project.requirements:
            oldest = self._OLDEST.get(item.name)
            if oldest and _older(item.pin, oldest):
                yield self._found(
                    item.name, item.pin, oldest, item.location, f"{item.location}: {item.location.code}"
                )

    def _found(self, name: str, version: str, oldest: str, location: Location | None, seen: str) -> Finding:
        return self.finding(
            f"{name} {version} gets no security fixes any more.",
            severity=self.severity if name in {"flask", "werkzeug"} else Severity.LOW,
            location=location,
            evidence=(Evidence("advisory", seen),),
            fix=f"Move to the current release; {oldest} is the oldest that counts.",
        )


def _older(version: str, oldest: str) -> bool:
    from packaging.version import InvalidVersion, Version

    try:
        return bool(version) and Version(version) < Version(oldest)
    except InvalidVersion:
        return False
