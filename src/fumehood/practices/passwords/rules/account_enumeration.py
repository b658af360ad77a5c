from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from fumehood.engines.attack import AttackCheck
from fumehood.engines.code import CodeCheck, Program
from fumehood.engines.live import LiveApp, LiveCheck
from fumehood.findings import Certainty, Evidence, Finding, Location, Rule, Severity, Unknown

if TYPE_CHECKING:
    from fumehood.engines.attack.ground import Ground
    from fumehood.engines.attack.surface import Entry

# One sentence for both is what is wanted: "wrong name or password".
_BOTH = re.compile(
    r"(user\w*|e-?mail|login|account|name)\s*(and\s*/?\s*or|or|and|/|&|,)\s*(the )?(pass|pwd)|(pass\w*|pwd)\s*(and\s*/?\s*or|or|and|/|&|,)\s*(the )?(user|e-?mail|login|account|name)",
    re.IGNORECASE,
)
_NOBODY = re.compile(
    r"\b(no|unknown|invalid|incorrect|wrong) (such )?(user|account|username|user name|e-?mail( address)?|member)\b|\b(user|account|username|user name|e-?mail( address)?|member)\b.{0,20}\b(not found|not exist|n't exist|doesnt exist|not registered|is unknown|not known|does not match any)",
    re.IGNORECASE,
)
_WRONG = re.compile(
    r"\b(wrong|incorrect|invalid|bad) password\b|\bpassword\b.{0,20}\b(incorrect|wrong|invalid|not correct|not match|n't match|mismatch)",
    re.IGNORECASE,
)


def asks_for_reset(entry: Entry) -> bool:
    """Tell whether a route, by its name, sends a link to who has forgotten the password."""
    return (
        re.search(r"forgot|reset|recover|lost", f"{entry.rule} {entry.endpoint}", re.IGNORECASE) is not None
    )


class AccountEnumeration(Rule, LiveCheck, CodeCheck, AttackCheck):
    """Answers tell which accounts exist.

    ## What it finds

    Flask-Security without `SECURITY_RETURN_GENERIC_RESPONSES`: its login and password-reset answers differ for people who have an account and
    people who have none. In code: a function that signs people in and has one answer for an unknown name and another for a wrong password.

    ## Why it is bad

    A list of addresses becomes a list of customers, and guessing passwords is then done for real accounts only.

    ## Example

    ```python
    from flask import Flask

    app = Flask(__name__)
    app.config["SECURITY_RETURN_GENERIC_RESPONSES"] = False  # Flask-Security's default
    ```

    ## Use instead

    ```python
    from flask import Flask

    app = Flask(__name__)
    app.config["SECURITY_RETURN_GENERIC_RESPONSES"] = True
    ```

    ## References

    - [CWE-204: Observable Response Discrepancy](https://cwe.mitre.org/data/definitions/204.html)
    - [Flask-Security: generic responses](https://flask-security.readthedocs.io/en/stable/patterns.html#generic-responses-avoiding-user-enumeration)
    """

    id = "FH605"
    name = "account-enumeration"
    severity = Severity.LOW
    cwe = 204
    asvs = ("v5.0.0-6.3.8",)

    def program(self, program: Program) -> Iterator[Finding | Unknown]:
        for function in program.functions:
            if not re.search(r"log_?in|sign_?in|auth|token|session", function.name, re.IGNORECASE):
                continue
            texts = [(text, line) for text, line in function.texts if not _BOTH.search(text)]
            nobody = [line for text, line in texts if _NOBODY.search(text)]
            wrong = [line for text, line in texts if _WRONG.search(text) and not _NOBODY.search(text)]
            if nobody and wrong:
                yield self.finding(
                    f"{function.name} has one answer for an unknown name and another for a wrong password.",
                    certainty=Certainty.READ,
                    location=Location(function.location.path, min(nobody + wrong), scope=function.name),
                    fix="Give one answer for both, and compute a hash for unknown names too, so that the time does not tell.",
                )

    def live(self, app: LiveApp) -> Iterator[Finding | Unknown]:
        if app.config.get("SECURITY_RETURN_GENERIC_RESPONSES") is False:
            yield self.finding(
                "Login and password reset tell which accounts exist.",
                location=app.place("SECURITY_RETURN_GENERIC_RESPONSES"),
                evidence=(Evidence("setting", "SECURITY_RETURN_GENERIC_RESPONSES is false"),),
                fix="Set SECURITY_RETURN_GENERIC_RESPONSES = True, or let Fumehood(app, db=..., user=...) set accounts up.",
            )

    def attack(self, ground: Ground) -> Iterator[Finding | Unknown]:
        from fumehood.engines.attack.guessing import told_by_answer, told_by_time
        from fumehood.engines.attack.proof import prove

        told: set[str] = set()
        for found in (*told_by_answer(ground, asks_for_reset), *told_by_time(ground)):
            if str(found.entry) not in told:
                told.add(str(found.entry))
                yield self.finding(
                    f"{found.entry.rule} tells which accounts exist.",
                    certainty=Certainty.CONFIRMED,
                    location=ground.location(found.entry),
                    route=str(found.entry),
                    evidence=prove(found.answer, found.shown, assertion=""),
                    fix="Give one answer for both, and compute a hash for unknown names too, so that the time does not tell.",
                )
