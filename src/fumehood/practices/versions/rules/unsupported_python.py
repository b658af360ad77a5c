from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

from fumehood.engines.live import LiveApp, LiveCheck, Project, ProjectCheck
from fumehood.findings import Evidence, Finding, Location, Rule, Severity, Unknown


class UnsupportedPython(Rule, ProjectCheck, LiveCheck):
    """The Python that runs the application gets no security fixes any more.

    ## What it finds

    A Python whose support has ended: the one that imported the application, and those that `.python-version`, `runtime.txt` and a
    `Dockerfile`'s `FROM python:` name.

    ## Why it is bad

    Flaws in its standard library (in TLS, archives, addresses, HTTP) are published and stay open.

    ## Example

    ```text
    # file: Dockerfile
    FROM python:3.8-slim
    ```

    ## Use instead

    ```text
    # file: Dockerfile
    FROM python:3.14-slim
    ```

    ## References

    - [Status of Python versions](https://devguide.python.org/versions/)
    - [CWE-1104: Use of Unmaintained Third Party Components](https://cwe.mitre.org/data/definitions/1104.html)
    """

    id = "FH102"
    name = "unsupported-python"
    severity = Severity.MEDIUM
    cwe = 1104
    asvs = ("v5.0.0-15.2.1",)

    def live(self, app: LiveApp) -> Iterator[Finding | Unknown]:
        if _ended(app.python):
            yield self._found(app.python, None)

    def project(self, project: Project) -> Iterator[Finding | Unknown]:
        for version, place in project.pythons:
            if _ended(version):
                yield self._found(version, place)

    def _found(self, version: str, place: Location | None) -> Finding:
        return self.finding(
            f"Python {version} gets no security fixes any more.",
            location=place,
            evidence=(
                Evidence("file", f"{place}: {place.code}")
                if place
                else Evidence("setting", f"Python {version} runs the application"),
            ),
            fix="Move to a Python that is supported for some years to come.",
        )


def _ended(version: str) -> bool:
    from fumehood.practices.versions.guard import END_OF_LIFE

    major, minor = (*map(int, version.split(".")[:2]), 0)[:2]
    known = min(END_OF_LIFE)
    return (major, minor) < known or datetime.now(UTC).date() > END_OF_LIFE.get((major, minor), date.max)
