from __future__ import annotations

import re
from collections.abc import Iterator

from fumehood.engines.code import CodeCheck, Program
from fumehood.findings import Certainty, Finding, Location, Rule, Severity, Unknown

_ACCESS = re.compile(
    r"is_admin|is_staff|is_superuser|is_authenticated|has_(role|permission|access)|current_user\.(?!id$)\w+ |\bcan_\w+\(|is_owner|owner_id\b.*==|==.*\bowner_id\b|check_password|verify_token|compare_digest|session\[|request\.(form|args|headers|cookies)"
)


class AssertionAsCheck(Rule, CodeCheck):
    """Access is checked by an assertion.

    ## What it finds

    An `assert` in a function of the application whose condition is about the signed-in person, a role, a permission, an owner, a
    token or a password.

    ## Why it is bad

    With `python -O`, or `PYTHONOPTIMIZE` in the container, assertions are gone and so is the check. Without it, the visitor gets an
    error 500 instead of a refusal.

    ## Example

    ```python
    from flask_login import current_user

    def remove(note):
        assert current_user.is_admin
        note.delete()
    ```

    ## Use instead

    ```python
    from flask import abort
    from flask_login import current_user

    def remove(note):
        if not current_user.is_admin:
            abort(403)
        note.delete()
    ```

    ## References

    - [CWE-617: Reachable Assertion](https://cwe.mitre.org/data/definitions/617.html)
    - [Python: the assert statement](https://docs.python.org/3/reference/simple_stmts.html#the-assert-statement)
    """

    id = "FH1064"
    name = "assertion-as-check"
    severity = Severity.MEDIUM
    cwe = 617
    asvs = ("v5.0.0-8.3.1",)
    fix = "Use if and abort(403)."

    def program(self, program: Program) -> Iterator[Finding | Unknown]:
        for function in program.functions:
            for condition, line in function.asserts:
                if _ACCESS.search(condition):
                    yield self.finding(
                        f"{function.name} asks with an assertion: {condition[:60]}.",
                        certainty=Certainty.READ,
                        location=Location(function.location.path, line, scope=function.name),
                        fix=self.fix,
                    )
