from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from fumehood.engines.attack import AttackCheck
from fumehood.engines.code import Argument, Call, CodeCheck, Program
from fumehood.findings import Certainty, Finding, Rule, Severity, Unknown
from fumehood.practices.access.reading import named_after_people, reserved

if TYPE_CHECKING:
    from fumehood.engines.attack.ground import Ground

_POWERS = (
    "admin",
    "is_admin",
    "isadmin",
    "role",
    "roles",
    "is_staff",
    "is_superuser",
    "superuser",
    "permissions",
    "is_verified",
    "balance",
    "credit",
    "user_type",
    "is_moderator",
)
# What nobody should choose for themselves: power, whose it is, what it costs, whether it was looked at.
_DECIDES = re.compile(
    r"admin|role|staff|superuser|permission|password|balance|credit|price|amount|verified|approved|confirmed|moderat|(^|_)(user|owner|author|account|created_by)(_?id)?$",
    re.IGNORECASE,
)
_CHECKS = re.compile(r"valid|schema|allowed|permitted|whitelist|writable|editable", re.IGNORECASE)
# What a view hands the whole request to before anything is made of it.
_VALIDATED = re.compile(r"(^|\.)(validate|validate_(json|schema|data|payload|request|body))$|^jsonschema\.")
_SIGN_UP = re.compile(
    r"register|registration|sign[-_]?up|join|(create|new|add)[-_]?(user|account|member)", re.IGNORECASE
)
_MODELS = (
    "flask_sqlalchemy.SQLAlchemy.Model",
    "sqlalchemy.orm.DeclarativeBase",
    "peewee.Model",
    "mongoengine.Document",
)

_DOCUMENTS = (".insert_one", ".update_one", ".update_many", ".find_one_and_update")
_ROLE = re.compile(r"admin|role|staff|superuser|permission|privilege|is_mod|moderator", re.IGNORECASE)
_POWER = re.compile(
    r"admin|role|staff|superuser|permission|privilege|is_mod|moderator|verified|confirmed|approved|balance|credit|is_active|^active$|premium|paid|"
    r"owner_id|^user_id$|access_level|^level$|quota|discount",
    re.IGNORECASE,
)


class MassAssignment(Rule, CodeCheck, AttackCheck):
    """The request chooses which attributes of an object are set.

    ## What it finds

    `setattr` with a name from the request, a model that is made or updated from all of the request's fields (`Person(**request.json)`), and
    a model whose power, such as `admin` or `role`, is taken from the request. It weighs less where the model has nothing that decides
    over power, ownership or money, where the function or its view checks what it was given, or where only people with a role come.

    ## Why it is bad

    A visitor adds a field that the form does not have, and is an administrator, or owns what belongs to another.

    ## Example

    ```python
    from flask import Flask, request
    from flask_sqlalchemy import SQLAlchemy

    app = Flask(__name__)
    db = SQLAlchemy(app)

    class Person(db.Model):
        id = db.Column(db.Integer, primary_key=True)
        name = db.Column(db.Text)
        admin = db.Column(db.Boolean, default=False)

    @app.post("/people")
    def add():
        db.session.add(Person(**request.get_json()))
        db.session.commit()
        return "", 201
    ```

    ## Use instead

    ```python
    from flask import Flask, request
    from flask_sqlalchemy import SQLAlchemy

    app = Flask(__name__)
    db = SQLAlchemy(app)

    class Person(db.Model):
        id = db.Column(db.Integer, primary_key=True)
        name = db.Column(db.Text)
        admin = db.Column(db.Boolean, default=False)

    @app.post("/people")
    def add():
        db.session.add(Person(name=request.get_json()["name"]))
        db.session.commit()
        return "", 201
    ```

    ## References

    - [CWE-915: Improperly Controlled Modification of Dynamically-Determined Object Attributes](https://cwe.mitre.org/data/definitions/915.html)
    - [OWASP Mass Assignment Cheat Sheet](https://cheatsheetseries.owasp.org/cheatsheets/Mass_Assignment_Cheat_Sheet.html)
    """

    id = "FH762"
    name = "mass-assignment"
    severity = Severity.HIGH
    cwe = 915
    asvs = ("v5.0.0-15.3.3",)
    fix = "Name the attributes that a request may set, one by one or in a schema that refuses others."
    calls = (
        "builtins.setattr",
        "*.setattr",
        *_MODELS,
        *(f"{model}.query.*" for model in _MODELS),
        "*.update",
        "*.insert_one",
        "*.update_one",
        "*.update_many",
        "*.find_one_and_update",
    )

    def call(self, call: Call) -> Iterator[Finding]:
        if call.name.endswith("setattr"):
            free = [
                taint for taint in call[1].tainted_by("request") if not {"*", "via:unknown"} & taint.removed
            ]
            if free and not call[1].is_known:
                yield self.flaw(
                    call,
                    "The request chooses the attribute that is set.",
                    severity=Severity.MEDIUM if _looks(call) else self.severity,
                    certainty=Certainty.READ,
                )
            return
        if call.name.endswith(".update") and call.name.startswith("flask.request."):
            return  # the request's own dictionary
        if call.name == "builtins.dict.update":
            held = call.receiver_value("self").entries()
            theirs = [
                name
                for name in held
                if isinstance(name, str) and (named_after_people(name) or name in _POWERS)
            ]
            if theirs and call[0] and _whole(call[0]):
                yield self.flaw(
                    call,
                    f"The request's own {theirs[0]!r} takes the place of the one that was found out.",
                    severity=Severity.MEDIUM,
                )
            return
        if call.name.endswith(_DOCUMENTS):
            document = (
                call["0|document"]
                if call.name.endswith(".insert_one")
                else call["1|update"].entries().get("$set")
            )
            if document and _whole(document):
                yield self.flaw(call, "Every field that the request has is stored.")
            return
        chosen = any("named" not in taint.removed for taint in call["**"].tainted_by("request"))
        if call.spread and chosen and not call.name.endswith(".filter_by"):
            harmless = call.fields and not any(_DECIDES.search(name) for name in call.fields)
            yield self.flaw(
                call,
                f"{_shown(call.name)} takes every field that the request has.",
                severity=Severity.MEDIUM if harmless or _looks(call) else self.severity,
            )
            return
        if call.name in _MODELS:
            for power in _POWERS:
                if call[power].tainted_by("request"):
                    # Who is signed in may be allowed to give others power; a stranger never gives it to themselves.
                    stranger = _SIGN_UP.search(call.route) is not None
                    yield self.flaw(
                        call,
                        f"The request chooses {power!r} of the object that is made.",
                        severity=Severity.CRITICAL if stranger else Severity.MEDIUM,
                    )
                    return

    def settle(self, findings: Sequence[Finding], program: Program) -> Sequence[Finding]:
        """A view that validates the request before a model makes itself of it weighs as one that does both: what the schema refuses is not known.

        So does what no route is known to lead to. Who may come only with a role is trusted with the object: that such a person gives power is what the page is for.
        """
        validated = {
            route.route for route in program.routes if any(_VALIDATED.search(name) for name in route.calls)
        }
        trusted = {route.route for route in program.routes if reserved(route, program)}
        weighed = []
        for one in findings:
            most = (
                Severity.LOW
                if one.route in trusted
                else Severity.MEDIUM
                if one.severity is Severity.HIGH and (one.route in validated or not one.route)
                else Severity.CRITICAL
            )
            weighed.append(replace(one, severity=min(one.severity, most)))
        return weighed

    def attack(self, ground: Ground) -> Iterator[Finding | Unknown]:
        from fumehood.engines.attack.extra import assigned
        from fumehood.engines.attack.proof import prove

        for found in assigned(ground, _POWER):
            yield self.finding(
                f"A request sets {found.column!r} of {found.table} by naming it, though nothing asks for it.",
                severity=Severity.CRITICAL if _ROLE.search(found.column) else self.severity,
                certainty=Certainty.CONFIRMED,
                location=ground.location(found.entry),
                route=str(found.entry),
                parameter=found.column,
                evidence=prove(
                    found.answer,
                    f"afterwards a row of {found.table} had {found.column} = {found.value!r}",
                    assertion="",
                ),
                fix=self.fix,
            )


def _looks(call: Call) -> bool:
    """Whether the function around it looks at what may be set, or hands it to a schema: whether that lets more through is not known."""
    return any(_CHECKS.search(name) for name in call.names_around)


def _whole(document: Argument) -> bool:
    """Whether it is JSON of the request as it came, and no dict that names its fields."""
    return not document.entries() and any(
        taint.source.name.endswith(
            ("request.json", "request.get_json", "request.form", "request.form.to_dict")
        )
        and not taint.source.param
        and "*" not in taint.removed
        for taint in document.tainted_by("request")
    )


def _shown(name: str) -> str:
    return "The model" if name in _MODELS else name.removeprefix("?.")
