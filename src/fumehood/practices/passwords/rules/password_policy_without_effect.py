from __future__ import annotations

import re
from collections.abc import Iterator

from fumehood.engines.code import CodeCheck, Program
from fumehood.engines.code.outlines import Outline
from fumehood.findings import Certainty, Finding, Rule, Severity, Unknown
from fumehood.practices.passwords.reading import is_password

_CHECKS = re.compile(
    r"(pass(word|wd)?|pwd)_?(is_)?(complex|strength|strong|policy|valid|ok|allowed|acceptable|rules)|(strong|valid(ate)?|complex|acceptable|good|check_new|secure)_?(pass(word|wd)?|pwd)(_strength|_policy)?$",
    re.IGNORECASE,
)
_LENGTH = re.compile(r"len\((\w+)\)\s*(<|<=|>|>=)\s*(\d+)")
_YES = frozenset({"True", "None", "''", "[]", "(True, '')", "(True, None)"})


class PasswordPolicyWithoutEffect(Rule, CodeCheck):
    """A check of new passwords lets nearly all of them through.

    ## What it finds

    A function named as a check of passwords (`password_complexity`, `is_strong_password`, `validate_password`) that takes the
    password and always says yes, or whose only demand is a length below 8.

    ## Why it is bad

    The rest of the program relies on the check. `a` and `123456` become passwords, and are the first that somebody tries.

    ## Example

    ```python
    def is_strong_password(password):
        return len(password) >= 4
    ```

    ## Use instead

    ```python
    def is_strong_password(password):
        return len(password) >= 12
    ```

    ## References

    - [CWE-521: Weak Password Requirements](https://cwe.mitre.org/data/definitions/521.html)
    - [NIST SP 800-63B: passwords](https://pages.nist.gov/800-63-4/sp800-63b.html)
    """

    id = "FH662"
    name = "password-policy-without-effect"
    severity = Severity.MEDIUM
    cwe = 521
    asvs = ("v5.0.0-6.2.1",)
    fix = "Ask for 12 characters or more, at least 8, and refuse what lists of leaked passwords hold."

    def program(self, program: Program) -> Iterator[Finding | Unknown]:
        for function in program.functions:
            if not _CHECKS.search(function.name.rpartition(".")[2]) or not any(
                map(is_password, function.parameters)
            ):
                continue
            if why := _lets_through(function):
                yield self.finding(
                    f"{function.name} {why}.",
                    certainty=Certainty.READ,
                    location=function.location,
                    fix=self.fix,
                )


def _lets_through(function: Outline) -> str:
    says_yes = {text for text, _ in function.returns} <= _YES
    if not function.compares and not function.calls and function.returns and says_yes:
        return "accepts every password"
    lengths = [match for text, _ in function.compares if (match := _LENGTH.search(text))]
    others = len(function.compares) > len(lengths) or any(
        name not in ("len", "ValueError", "ValidationError", "flash") for name, _ in function.calls
    )
    least = [int(match[3]) + (match[2] in (">", "<=")) for match in lengths]
    if least and not others and max(least) < 8:
        return f"accepts passwords of {max(least)} characters"
    return ""
