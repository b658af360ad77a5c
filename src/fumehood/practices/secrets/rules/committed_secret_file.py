from __future__ import annotations

from collections.abc import Iterator

from fumehood.engines.live import Project, ProjectCheck
from fumehood.findings import Evidence, Finding, Location, Rule, Severity, Unknown


class CommittedSecretFile(Rule, ProjectCheck):
    """A file of secrets is in version control.

    ## What it finds

    Files that by their name hold secrets (`.env`, private keys, `credentials.json`, `.htpasswd` ...) and that git tracks. Without
    version control, that they lie in the project. Examples such as `.env.example` and certificates of tests are left out.

    ## Why it is bad

    Whoever has ever cloned the repository has the secrets, and removing the file does not take them out of its history.

    ## Example

    ```text
    # file: .env
    DATABASE_PASSWORD=...
    ```

    ## Use instead

    Keep an example without values under version control, and the real file in `.gitignore`:

    ```text
    # file: .env.example
    DATABASE_PASSWORD=
    ```

    ## References

    - [CWE-540: Inclusion of Sensitive Information in Source Code](https://cwe.mitre.org/data/definitions/540.html)
    - [GitHub: removing sensitive data from a repository](https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/removing-sensitive-data-from-a-repository)
    """

    id = "FH207"
    name = "committed-secret-file"
    severity = Severity.HIGH
    cwe = 540
    asvs = ("v5.0.0-13.3.1",)

    def project(self, project: Project) -> Iterator[Finding | Unknown]:
        for path in project.secret_files:
            if set(path.lower().split("/")[:-1]) & {
                "tests",
                "test",
                "testdata",
                "fixtures",
                "examples",
                "docs",
            }:
                continue
            where = "is in version control" if project.tracked is not None else "lies in the project"
            yield self.finding(
                f"{path} {where}.",
                severity=Severity.HIGH if project.tracked is not None else Severity.LOW,
                location=Location(path),
                evidence=(Evidence("file", path),),
                fix="Change the secrets in it, take it out of version control, and list it in .gitignore.",
            )
