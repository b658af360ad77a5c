from __future__ import annotations

import re
from collections.abc import Iterator

from fumehood.engines.code import CodeCheck, Program
from fumehood.engines.code.outlines import Outline
from fumehood.findings import Certainty, Finding, Rule, Severity, Unknown

_KEPT = re.compile(
    r"(\b|_)(balance|credits?|funds|wallet|points|coins|stock|quantity|tickets|seats|inventory|budget)\W*$",
    re.IGNORECASE,
)
_CHECKED = re.compile(
    r"positive|abs$|NumberRange|conint|condecimal|validate|schema|accepts|Form$", re.IGNORECASE
)


class AmountWithoutLowerBound(Rule, CodeCheck):
    """A request may send a negative amount.

    ## What it finds

    A view or the function behind it takes an amount of the request from a balance, a stock or the like, or adds it, and nowhere
    compares it with zero.

    ## Why it is bad

    Whoever transfers -100 receives 100, and whoever orders -1 pieces is paid. The check that the balance suffices lets it pass.

    ## Example

    ```python
    from flask import request

    def pay(account):
        amount = int(request.form["amount"])
        if account.balance < amount:
            return "not enough", 400
        account.balance -= amount
        return "paid"
    ```

    ## Use instead

    ```python
    from flask import request

    def pay(account):
        amount = int(request.form["amount"])
        if amount <= 0 or account.balance < amount:
            return "not enough", 400
        account.balance -= amount
        return "paid"
    ```

    ## References

    - [CWE-20: Improper Input Validation](https://cwe.mitre.org/data/definitions/20.html)
    - [OWASP: Business logic security](https://cheatsheetseries.owasp.org/cheatsheets/Business_Logic_Security_Cheat_Sheet.html)
    """

    id = "FH468"
    name = "amount-without-lower-bound"
    severity = Severity.MEDIUM
    cwe = 20
    asvs = ("v5.0.0-2.2.1", "v5.0.0-2.3.2")
    fix = "Refuse amounts that are not above zero, in the schema or before the first use."

    def program(self, program: Program) -> Iterator[Finding | Unknown]:
        for function in program.functions:
            if not any(name.split(".")[0] == "request" or ".request" in name for name in function.names):
                continue
            amounts = [
                amount
                for target, sign, value, _ in function.changes
                if (amount := _moved(target, sign, value))
            ]
            for amount in dict.fromkeys(amounts):
                if not _bounded(function, amount):
                    yield self.finding(
                        f"{function.name} moves {amount!r} of the request, which may be negative.",
                        certainty=Certainty.SUSPECTED,
                        location=function.location,
                        fix=self.fix,
                    )
                    break


def _moved(target: str, sign: str, value: str) -> str:
    """The variable that is added to or taken from what is kept; "" when it is no such change."""
    if not _KEPT.search(target):
        return ""
    if sign == "=":
        match = re.fullmatch(re.escape(target) + r" [+-] (.+)", value)
        if match is None:
            return ""
        value = match[1]
    match = re.fullmatch(r"(?:int|float|Decimal|decimal\.Decimal)?\(?([A-Za-z_][\w.]*)\)?", value)
    return match[1] if match is not None else ""


def _bounded(function: Outline, amount: str) -> bool:
    called = [name.rpartition(".")[2] for name, _ in function.calls]
    if any(_CHECKED.search(name) for name in (*called, *function.decorators)):
        return True
    last = re.escape(amount.rpartition(".")[2])
    number = r"(Decimal\()?\W?[01](\.\d+)?\W?\)?"
    bound = re.compile(
        rf"\b{last}\W*(<=|<|>|>=)\s*{number}(?!\d)|(^|\W){number}\s*(<=|<|>|>=)\s*[\w.]*{last}\b"
    )
    return any(bound.search(text) for text, _ in function.compares)
