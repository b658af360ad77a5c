from __future__ import annotations

from collections.abc import Iterator

from fumehood.engines.code import Call, CodeCheck
from fumehood.findings import Finding, Rule, Severity


class InsecureTemporaryFile(Rule, CodeCheck):
    """A temporary file has a name that others can take first.

    ## What it finds

    `tempfile.mktemp`, `os.tempnam` and `os.tmpnam`, and files that a view opens for writing under a fixed name in `/tmp`.

    ## Why it is bad

    Between the choice of the name and the opening, or at any time when the name is fixed, another user of the machine puts a link there:
    the application then overwrites, or reads, a file of the attacker's choice.

    ## Example

    ```python
    import tempfile

    def spool(data):
        path = tempfile.mktemp()
        with open(path, "wb") as file:
            file.write(data)
        return path
    ```

    ## Use instead

    ```python
    import tempfile

    def spool(data):
        with tempfile.NamedTemporaryFile(delete=False) as file:
            file.write(data)
        return file.name
    ```

    ## References

    - [CWE-377: Insecure Temporary File](https://cwe.mitre.org/data/definitions/377.html)
    - [Python: tempfile](https://docs.python.org/3/library/tempfile.html)
    """

    id = "FH463"
    name = "insecure-temporary-file"
    severity = Severity.LOW
    cwe = 377
    fix = "Let tempfile make and open the file in one step: NamedTemporaryFile, mkstemp."
    calls = ("tempfile.mktemp", "os.tempnam", "os.tmpnam", "builtins.open")

    def call(self, call: Call) -> Iterator[Finding]:
        if call.name != "builtins.open":
            yield self.flaw(
                call,
                f"{call.name} only chooses a name; another user can take it before it is opened.",
                severity=Severity.MEDIUM,
            )
            return
        if not call.route:
            return  # a script that its own user starts
        mode = call["1|mode"].constant
        path = call["0|file"].constant
        if (
            isinstance(path, str)
            and path.startswith(("/tmp/", "/var/tmp/"))  # noqa: S108 - looked for, not used
            and isinstance(mode, str)
            and set(mode) & set("wax+")
        ):
            yield self.flaw(call, f"{path} is written under a name that every user of the machine knows.")
