from __future__ import annotations

import re
from collections.abc import Iterator

from fumehood.engines.code import CodeCheck, Program
from fumehood.findings import Certainty, Finding, Location, Rule, Severity, Unknown

_CHECKS = re.compile(
    r"(^|[._])(verify|authenticate|authorize|check_(token|password|permission|access|auth|signature)|require_\w+|validate_(token|signature|csrf|session)|compare_digest)\w*$",
    re.IGNORECASE,
)


class SecurityFailureSwallowed(Rule, CodeCheck):
    """A check that fails is passed over.

    ## What it finds

    A `try` around a check of a token, a password, a signature or a permission whose handler does nothing, or says yes.

    ## Why it is bad

    Whatever makes the check fail, a forged token too, lets the visitor through: the door opens when the lock is broken.

    ## Example

    ```python
    def is_known(token, verify_token):
        try:
            verify_token(token)
        except ValueError:
            return True
        return True
    ```

    ## Use instead

    ```python
    def is_known(token, verify_token):
        try:
            verify_token(token)
        except ValueError:
            return False
        return True
    ```

    ## References

    - [CWE-703: Improper Check or Handling of Exceptional Conditions](https://cwe.mitre.org/data/definitions/703.html)
    - [OWASP Top 10 A10: Mishandling of Exceptional Conditions](https://owasp.org/Top10/2025/A10_2025-Mishandling_of_Exceptional_Conditions/)
    """

    id = "FH1063"
    name = "security-failure-swallowed"
    severity = Severity.MEDIUM
    cwe = 703
    asvs = ("v5.0.0-16.5.3",)
    fix = "Refuse in the handler: abort(403), return False, or let the exception go on."

    def program(self, program: Program) -> Iterator[Finding | Unknown]:
        for function in program.functions:
            for tried, does, line in function.swallowed:
                checks = [name for name in tried.split() if _CHECKS.search(name)]
                if checks and (
                    does in ("pass", "return True") and (does != "pass" or len(tried.split()) == 1)
                ):
                    yield self.finding(
                        f"{function.name} goes on when {checks[0]} fails.",
                        certainty=Certainty.SUSPECTED,
                        location=Location(function.location.path, line, scope=function.name),
                        fix=self.fix,
                    )
