from __future__ import annotations

import re
from collections.abc import Iterator

from fumehood.engines.live import Project, ProjectCheck
from fumehood.engines.live.facts import Requirement
from fumehood.findings import Evidence, Finding, Rule, Severity, Unknown


class UnpinnedRequirement(Rule, ProjectCheck):
    """What is installed is decided anew at each installation.

    ## What it finds

    Dependencies without an exact version, in a project that has neither a lock file (`uv.lock`, `poetry.lock`, `pylock.toml` ...) nor a requirements file
    with exact versions. Ranges in `pyproject.toml` are right for a library, beside a lock file.

    ## Why it is bad

    Two installations differ, a tampered or broken release is taken the hour it appears, and nobody can tell which versions ran when.

    ## Example

    ```text
    # file: requirements.txt
    flask
    requests>=2
    ```

    ## Use instead

    A lock file, or exact versions with their hashes (`pip-compile --generate-hashes`, `uv pip compile`):

    ```text
    # file: requirements.txt
    flask==3.1.3
    requests==2.32.5
    ```

    ## References

    - [CWE-1357: Reliance on Insufficiently Trustworthy Component](https://cwe.mitre.org/data/definitions/1357.html)
    - [PEP 751: a file format to record dependencies](https://peps.python.org/pep-0751/)
    """

    id = "FH104"
    name = "unpinned-requirement"
    severity = Severity.LOW
    cwe = 1357
    asvs = ("v5.0.0-15.1.2",)

    def project(self, project: Project) -> Iterator[Finding | Unknown]:
        if project.lock_files:
            return
        pinned = {item.name for item in project.requirements if item.pin}
        by_file: dict[str, list[Requirement]] = {}
        for item in project.requirements:
            # Requirements of tests and documentation do not run in production.
            if not re.search(r"(^|[/_.-])(dev|test|tests|doc|docs|lint|ci)([/_.-]|$)", item.location.path):
                by_file.setdefault(item.location.path, []).append(item)
        for path, items in by_file.items():
            loose = [item for item in items if item.name not in pinned]
            if loose:
                names = ", ".join(item.name for item in loose[:6]) + (
                    f" and {len(loose) - 6} more" if len(loose) > 6 else ""
                )
                yield self.finding(
                    f"{path} does not fix the versions of {names}.",
                    location=loose[0].location,
                    evidence=tuple(
                        Evidence("file", f"{item.location}: {item.location.code}") for item in loose[:5]
                    ),
                    fix="Keep a lock file (uv lock, pip-compile --generate-hashes) under version control and install from it.",
                )
