from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from fumehood.engines.code import Argument, Call, CodeCheck, Flow, FlowCheck, Program
from fumehood.findings import Certainty, Finding, Rule, Severity, Unknown
from fumehood.practices.access.reading import authenticates, is_authentication_route, remembered

_PRIVATE = re.compile(
    r"^(user_?)?(pass(word|wd)?(_?hash)?|pwd|hashed_password|ssn|social_security(_number)?|ccn|cc_?num(ber)?|(credit_?)?card_?(number|no|num)|credit_?card|cvv|cvc|"
    r"(mfa|otp|totp)_secret|private_key|secret_answer)$",
    re.IGNORECASE,
)
_PEOPLE = remembered(
    r"(^|\.)(User|Account|Customer|Member|Employee|Patient|Client|Person|People)s?\.(query|objects|select|get_all\w*|list_all|all\w*)($|\.)",
    re.NOFLAG,
)

_SELECTED = re.compile(
    r"\s*select\s+(.+?)\s+from\s+[`\"\[]?(\w*(?:users?|accounts?|customers?|members?|employees?|patients?|clients?|persons?|people|admins?))\b",
    re.IGNORECASE | re.DOTALL,
)


class PersonalDataReturned(Rule, CodeCheck, FlowCheck):  # type: ignore[misc]  # flaw() is CodeCheck's
    """An answer holds data that the reader does not need.

    ## What it finds

    Passwords and their hashes, secrets of a second factor, card and social security numbers under their names in what `jsonify`,
    `json.dumps` or a view returns; and routes that list all people without asking who the visitor is.

    ## Why it is bad

    What an answer holds, everybody who gets it keeps: in the browser's tools, in caches and logs. The page need not show it.

    ## Example

    ```python
    from flask import Flask, jsonify
    from flask_sqlalchemy import SQLAlchemy

    app = Flask(__name__)
    db = SQLAlchemy(app)

    class Guest(db.Model):
        id = db.Column(db.Integer, primary_key=True)
        name = db.Column(db.Text)
        card_number = db.Column(db.Text)

    @app.get("/guests/<int:number>")
    def guest(number):
        found = db.session.get(Guest, number)
        return jsonify({"name": found.name, "card_number": found.card_number})
    ```

    ## Use instead

    ```python
    from flask import Flask, jsonify
    from flask_sqlalchemy import SQLAlchemy

    app = Flask(__name__)
    db = SQLAlchemy(app)

    class Guest(db.Model):
        id = db.Column(db.Integer, primary_key=True)
        name = db.Column(db.Text)
        card_number = db.Column(db.Text)

    @app.get("/guests/<int:number>")
    def guest(number):
        found = db.session.get(Guest, number)
        return jsonify({"name": found.name, "card": f"**** {found.card_number[-4:]}"})
    ```

    ## References

    - [CWE-200: Exposure of Sensitive Information to an Unauthorized Actor](https://cwe.mitre.org/data/definitions/200.html)
    - [OWASP API3: Broken Object Property Level Authorization](https://owasp.org/API-Security/editions/2023/en/0xa3-broken-object-property-level-authorization/)
    """

    id = "FH1062"
    name = "personal-data-returned"
    severity = Severity.MEDIUM
    cwe = 200
    asvs = ("v5.0.0-14.2.6", "v5.0.0-15.3.1")
    sinks = ("answer",)
    sources = ("stored",)
    calls = ("flask.jsonify", "json.dumps", "flask.json.dumps", "flask.view.answer")
    once = "function"
    fix = "Name the fields that the reader needs, and return those."

    def call(self, call: Call) -> Iterator[Finding]:
        given = [*call.keywords, *_keys(call[0], 3)]
        private = [name for name in given if isinstance(name, str) and _PRIVATE.search(name)]
        plain = [name for name in private if name not in call.keywords or not call[name].is_known]
        if plain and call.route:
            yield self.flaw(call, f"The answer holds {plain[0]!r}.")

    def flow(self, flow: Flow) -> Iterator[Finding]:
        match = _SELECTED.match(flow.query)
        if match is None or not flow.route:
            return
        columns = [part.strip(" `\"'").rpartition(".")[2] for part in match[1].split(",")]
        private = [name for name in columns if _PRIVATE.search(name)]
        cut = flow.part[1:] if flow.source_name.endswith(("all", "many")) else flow.part
        if cut:
            return  # one column of a row
        whole = "*" in columns and not flow.parameter
        if whole or (private and (not flow.parameter or flow.parameter in private)):
            what = f"every column of {match[2]}" if whole else repr(private[0])
            yield FlowCheck.flaw(self, flow, f"The answer holds {what}.")

    def settle(self, findings: Sequence[Finding], program: Program) -> Sequence[Finding]:
        """What a function gives away is one flaw, however many of its answers hold it."""
        told: dict[object, Finding] = {}
        for one in sorted(findings, key=lambda finding: "The answer holds" not in finding.message):
            place = one.location
            told.setdefault((place.path, place.scope) if place and place.scope else one.message, one)
        return list(told.values())

    def program(self, program: Program) -> Iterator[Finding | Unknown]:
        for route in program.routes:
            if (
                route.changes
                or authenticates(route, program)
                or is_authentication_route(route)
                or route.parameters
            ):
                continue
            lists = any(
                name.endswith((".query.all", ".all", ".objects", ".fetchall")) for name in route.calls
            )
            answers = any(name in self.calls for name in route.calls)
            if lists and answers and not route.templates and any(_PEOPLE(name) for name in route.names):
                yield self.flaw(
                    route,
                    f"{route.function} lists people without asking who the visitor is.",
                    certainty=Certainty.SUSPECTED,
                    route=route.route,
                )


def _keys(value: Argument, depth: int) -> Iterator[str]:
    """The keys of dicts in a value, down to a depth, whose values are not written in the source."""
    for key, held in value.entries().items():
        if isinstance(key, str) and not (held.is_known and held.constants) and not held.entries():
            yield key
        if depth:
            yield from _keys(held, depth - 1)
    for item in value.items() if depth else ():
        yield from _keys(item, depth - 1)
