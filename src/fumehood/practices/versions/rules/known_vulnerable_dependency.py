from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from fumehood.engines.live import LiveApp, LiveCheck, Project, ProjectCheck
from fumehood.findings import Evidence, Finding, Location, Rule, Severity, Unknown

if TYPE_CHECKING:
    from fumehood.engines.advisories import Package, Vulnerable


class KnownVulnerableDependency(Rule, ProjectCheck, LiveCheck):
    """A dependency is known to be vulnerable.

    ## What it finds

    Packages that the running application has loaded, or that the project's lock files and requirements pin, at a version for which an advisory is known.
    The advisories are data, fetched by `fumehood advisories update`; without them, or when they are older than a month, the answer is "cannot tell".

    ## Why it is bad

    The flaw is public, and so, often, is a program that uses it.

    ## Example

    ```text
    # file: requirements.txt
    badlab==1.0
    ```

    ## Use instead

    ```text
    # file: requirements.txt
    badlab==1.1
    ```

    ## References

    - [CWE-1395: Dependency on Vulnerable Third-Party Component](https://cwe.mitre.org/data/definitions/1395.html)
    - [OSV: open source vulnerabilities](https://osv.dev/)
    """

    id = "FH101"
    name = "known-vulnerable-dependency"
    severity = Severity.HIGH
    cwe = 1395
    asvs = ("v5.0.0-15.2.1",)

    def live(self, app: LiveApp) -> Iterator[Finding | Unknown]:
        data = str(app.config.get("FUMEHOOD_ADVISORIES") or "")
        from fumehood.engines.advisories import Package

        yield from self._judge(
            [Package(name, app.packages[name]) for name in app.loaded if name in app.packages], data
        )

    def project(self, project: Project) -> Iterator[Finding | Unknown]:
        from fumehood.engines.advisories import pinned

        pins = pinned(Path(project.root))
        for file, why in pins.problems:
            yield Unknown(self.id, f"{file} could not be read: {why}")
        if not (pins.files or pins.problems or project.imported):
            yield Unknown(
                self.id, "no requirements, lock file or pyproject.toml says which packages it needs"
            )
        yield from self._judge(pins.packages, "")

    def _judge(self, packages: list[Package], data: str) -> Iterator[Finding | Unknown]:
        if not packages:
            return
        from fumehood.engines.advisories import Advisories, NoAdvisories

        try:
            advisories = Advisories.load(Path(data) if data else None)
        except NoAdvisories as error:
            yield Unknown(self.id, str(error))
            return
        with advisories:
            unknown = [package for package in packages if not advisories.covers(package)]
            if unknown:
                names = ", ".join(map(str, unknown[:3])) + (
                    f" and {len(unknown) - 3} more" if len(unknown) > 3 else ""
                )
                yield Unknown(
                    self.id,
                    f"the advisory data says nothing about {names}; `fumehood advisories update` asks",
                )
            elif advisories.days_old > 31:
                yield Unknown(
                    self.id,
                    f"the advisory data is {advisories.days_old:.0f} days old; run `fumehood advisories update`",
                )
            by_package: dict[Package, list[Vulnerable]] = {}
            for one in advisories.match(packages):
                by_package.setdefault(one.package, []).append(one)
        for package, group in by_package.items():
            yield self._found(package, group)

    def _found(self, package: Package, group: list[Vulnerable]) -> Finding:
        worst = max((one.severity or Severity.MEDIUM for one in group), default=self.severity)
        fixed = [one.fixed for one in group if one.fixed]
        last = max(fixed, key=_order) if len(fixed) == len(group) else ""
        place = Location(package.path, package.line or 1, code=str(package)) if package.path else None
        return self.finding(
            f"{package} is known to be vulnerable.",
            severity=worst,
            location=place,
            evidence=tuple(
                Evidence("advisory", f"{one.advisory.cve}: {one.advisory.summary}", {"url": one.advisory.url})
                for one in group
            ),
            fix=f"Update it to {last} or later."
            if last
            else "There is no version without it yet: replace it, or see the advisory for what helps.",
        )


def _order(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))
