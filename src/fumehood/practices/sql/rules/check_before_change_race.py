from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from fumehood.engines.attack import AttackCheck
from fumehood.engines.code import CodeCheck, Program
from fumehood.engines.code.outlines import Outline
from fumehood.findings import Certainty, Finding, Location, Rule, Severity, Unknown

if TYPE_CHECKING:
    from fumehood.engines.attack.ground import Ground

_KEPT = re.compile(
    r"(\b|_)(balance|credits?|funds|wallet|points|coins|stock|quantity|tickets|seats|inventory|budget)\W*$",
    re.IGNORECASE,
)
_LOCKS = re.compile(
    r"for_update|lock|mutex|semaphore|serializ|isolation|atomic|version_id|refresh$", re.IGNORECASE
)


class CheckBeforeChangeRace(Rule, CodeCheck, AttackCheck):
    """A balance is checked and changed in two steps.

    ## What it finds

    A function that compares a balance, a stock or the like, then takes from it in Python and writes it back, without a lock,
    `with_for_update`, or a change that the database computes.

    ## Why it is bad

    Two requests at the same moment both see enough and both take it: the balance falls below zero, the last ticket is sold twice.

    ## Example

    ```python
    from flask_sqlalchemy import SQLAlchemy

    db = SQLAlchemy()

    def take(account, amount):
        if amount <= 0 or account.balance < amount:
            raise ValueError(amount)
        account.balance -= amount
        db.session.commit()
    ```

    ## Use instead

    ```python
    from flask_sqlalchemy import SQLAlchemy

    db = SQLAlchemy()

    def take(number, amount):
        account = db.session.get(Account, number, with_for_update=True)
        if amount <= 0 or account.balance < amount:
            raise ValueError(amount)
        account.balance -= amount
        db.session.commit()

    class Account(db.Model):
        id = db.Column(db.Integer, primary_key=True)
        balance = db.Column(db.Integer)
    ```

    ## References

    - [CWE-362: Race Condition](https://cwe.mitre.org/data/definitions/362.html)
    - [SQLAlchemy: with_for_update](https://docs.sqlalchemy.org/en/20/core/selectable.html#sqlalchemy.sql.expression.GenerativeSelect.with_for_update)
    """

    id = "FH862"
    name = "check-before-change-race"
    severity = Severity.MEDIUM
    cwe = 362
    asvs = ("v5.0.0-2.3.4", "v5.0.0-15.4.2")
    fix = "Read the row with with_for_update(), or let one UPDATE check and change it."

    def program(self, program: Program) -> Iterator[Finding | Unknown]:
        for function in program.functions:
            if not any(
                name.endswith((".commit", ".save", ".flush", ".execute")) for name, _ in function.calls
            ):
                continue
            if _locked(function):
                continue
            for target, sign, value, changed in function.changes:
                takes = sign == "-=" or (sign == "=" and value.startswith(f"{target} -"))
                checked = [line for text, line in function.compares if target in text and line < changed]
                if takes and checked and _KEPT.search(target):
                    yield self.finding(
                        f"{function.name} checks {target} and changes it in two steps.",
                        certainty=Certainty.SUSPECTED,
                        location=Location(function.location.path, checked[-1], scope=function.name),
                        fix=self.fix,
                    )
                    break

    def attack(self, ground: Ground) -> Iterator[Finding | Unknown]:
        from fumehood.engines.attack.proof import prove
        from fumehood.engines.attack.races import raced

        for found in raced(ground):
            yield self.finding(
                f"Two requests at once do what {found.entry} does only once.",
                certainty=Certainty.CONFIRMED,
                location=ground.location(found.entry),
                route=str(found.entry),
                evidence=prove(found.answer, found.shown, assertion=""),
                fix=self.fix,
            )


def _locked(function: Outline) -> bool:
    words = [*function.names, *function.decorators, *(text for text, _ in function.calls)]
    return any(_LOCKS.search(word) for word in words) or any(
        "FOR UPDATE" in text for text, _ in function.texts
    )
