from __future__ import annotations

from collections.abc import Iterator

from fumehood.engines.live import Project, ProjectCheck
from fumehood.findings import Evidence, Finding, Location, Rule, Severity, Unknown


class PythonRangeTooWide(Rule, ProjectCheck):
    """The project allows a Python without security fixes.

    ## What it finds

    A `requires-python` in `pyproject.toml` that admits versions whose support has ended, is missing, or cannot be read.

    ## Why it is bad

    Somebody installs it on such a Python, and gets the old dependencies that still support it.

    ## Example

    ```text
    # file: pyproject.toml
    [project]
    name = "shop"
    version = "1"
    requires-python = ">=3.8"
    ```

    ## Use instead

    ```text
    # file: pyproject.toml
    [project]
    name = "shop"
    version = "1"
    requires-python = ">=3.12"
    ```

    ## References

    - [Status of Python versions](https://devguide.python.org/versions/)
    - [Packaging guide: requires-python](https://packaging.python.org/en/latest/guides/writing-pyproject-toml/#python-requires)
    """

    id = "FH106"
    name = "python-range-too-wide"
    severity = Severity.INFO
    cwe = 1104
    asvs = ("v5.0.0-15.2.1",)

    def project(self, project: Project) -> Iterator[Finding | Unknown]:
        if not project.declares_python:
            return
        said = project.requires_python
        place = Location(project.declares_python, code=f'requires-python = "{said}"' if said else "")
        if not said:
            yield self.finding(
                "pyproject.toml does not say which Python the project needs.",
                location=place,
                evidence=(Evidence("file", "no requires-python"),),
                fix='Add requires-python, as in ">=3.12".',
            )
            return
        from packaging.specifiers import InvalidSpecifier, SpecifierSet

        try:
            allowed = SpecifierSet(said)
        except InvalidSpecifier:
            yield self.finding(
                f"requires-python {said!r} cannot be read.",
                location=place,
                evidence=(Evidence("file", f"requires-python = {said!r}"),),
                fix='Write it as in ">=3.12".',
            )
            return
        # The last release of each version that has ended, by its own announcement.
        ended = [
            version for version in ("2.7.18", "3.6.15", "3.7.17", "3.8.20", "3.9.25") if version in allowed
        ]
        if ended:
            yield self.finding(
                f"The project allows Python {ended[0]}, which gets no security fixes.",
                location=place,
                evidence=(Evidence("file", f"requires-python = {said!r}"),),
                fix='Raise it, as in ">=3.12".',
            )
