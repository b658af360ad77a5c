from __future__ import annotations

from collections.abc import Iterator

from fumehood.engines.code import Argument, Call, CodeCheck
from fumehood.findings import Finding, Rule, Severity

_QUERIES = (
    "find_one",
    "find",
    "find_one_and_update",
    "find_one_and_delete",
    "update_one",
    "update_many",
    "delete_one",
    "delete_many",
    "count_documents",
    "replace_one",
)
_JOINING = ("$or", "$and", "$nor")
_CODE = ("$where", "$function", "$accumulator")


class NosqlInjection(Rule, CodeCheck):
    """A request chooses the operators of a document query.

    ## What it finds

    JSON of the request that becomes a query of MongoDB, whole or as the value of a field without `str()`, and request data in
    `$where` or `$function`.

    ## Why it is bad

    `{"password": {"$ne": ""}}` is a password that fits everybody. In `$where` it is a program that the database runs.

    ## Example

    ```python
    from flask import Flask, request
    from pymongo import MongoClient

    app = Flask(__name__)
    people = MongoClient().shop.people

    @app.post("/find")
    def find():
        return {"found": people.find_one({"code": request.get_json()["code"]}) is not None}
    ```

    ## Use instead

    ```python
    from flask import Flask, request
    from pymongo import MongoClient

    app = Flask(__name__)
    people = MongoClient().shop.people

    @app.post("/find")
    def find():
        return {"found": people.find_one({"code": str(request.get_json()["code"])}) is not None}
    ```

    ## References

    - [CWE-943: Improper Neutralization of Special Elements in Data Query Logic](https://cwe.mitre.org/data/definitions/943.html)
    - [OWASP: Testing for NoSQL Injection](https://owasp.org/www-project-web-security-testing-guide/latest/4-Web_Application_Security_Testing/07-Input_Validation_Testing/05.6-Testing_for_NoSQL_Injection)
    """

    id = "FH860"
    name = "nosql-injection"
    severity = Severity.HIGH
    cwe = 943
    asvs = ("v5.0.0-1.2.4",)
    calls = tuple(f"*.{name}" for name in _QUERIES)
    fix = "Convert each value with str() or a schema; never hand JSON on as a query, nor build JavaScript."

    def call(self, call: Call) -> Iterator[Finding]:
        query = call["0|filter"]
        entries = query.entries()
        for name, value in entries.items():
            if name in _CODE and value.tainted_by("request"):
                yield self.flaw(
                    call, f"The request becomes JavaScript in {name}.", severity=Severity.CRITICAL
                )
                return
        if not entries and call.name.endswith(".find") and "mongo" not in call.name.lower():
            return  # a text's own method, or another service's
        if any(_may_be_dict(value) for value in _values(query)):
            yield self.flaw(call, "The request may send operators such as $ne in this query.")


def _values(query: Argument) -> Iterator[Argument]:
    """Yield what a query compares with; what stands behind an operator that the program wrote is only a value."""
    entries = query.entries()
    if not entries:
        yield query
    for name, value in entries.items():
        if name in _JOINING:
            for item in value.items():
                yield from _values(item)
        elif not value.entries():
            yield value


def _may_be_dict(value: Argument) -> bool:
    """Whether it is JSON of the request that nothing has made a text or a number."""
    if value.is_known or value.text or getattr(value.value, "type", "") in ("str", "int", "float", "bool"):
        return False
    return any(
        (taint.source.name.endswith(("request.json", "request.get_json")) or "parsed" in taint.removed)
        and not {"*", "via:unknown"} & taint.removed
        for taint in value.tainted_by("request")
    )
