from __future__ import annotations

from collections.abc import Iterator

from fumehood.engines.code import Call, CodeCheck
from fumehood.findings import Finding, Rule, Severity


class FilesOpenToEverybody(Rule, CodeCheck):
    """A file or folder is made writable for every user of the machine.

    ## What it finds

    `os.chmod`, `Path.chmod`, `os.mkdir` and `os.umask` with a mode that lets everybody write.

    ## Why it is bad

    Any other program on the machine, broken into or not, then changes what the application trusts.

    ## Example

    ```python
    import os

    def publish(path):
        os.chmod(path, 0o777)
    ```

    ## Use instead

    ```python
    import os

    def publish(path):
        os.chmod(path, 0o640)
    ```

    ## References

    - [CWE-732: Incorrect Permission Assignment for Critical Resource](https://cwe.mitre.org/data/definitions/732.html)
    - [Python: os.chmod](https://docs.python.org/3/library/os.html#os.chmod)
    """

    id = "FH961"
    name = "files-open-to-everybody"
    severity = Severity.MEDIUM
    cwe = 732
    asvs = ("v5.0.0-13.2.2",)
    fix = "Give the owner what the application needs, and others nothing: 0o600 for files, 0o700 for folders."
    calls = ("os.chmod", "os.lchmod", "os.fchmod", "pathlib.Path.chmod", "*.chmod", "os.umask")

    def call(self, call: Call) -> Iterator[Finding]:
        if call.name == "os.umask":
            if call[0].may_be(0):
                yield self.flaw(call, "With this umask, everything that is made is writable for everybody.")
            return
        modes = [*call["1|mode"].constants, *(call[0].constants if not call["1|mode"] else ())]
        if any(
            isinstance(mode, int) and not isinstance(mode, bool) and mode & 0o002 and not mode & 0o1000
            for mode in modes
        ):
            yield self.flaw(call, "Every user of the machine can write it.")
