from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from fumehood.engines.attack import AttackCheck
from fumehood.engines.code import Call, CodeCheck, Program, Route
from fumehood.findings import Certainty, Finding, Rule, Severity, Unknown
from fumehood.practices.access.reading import (
    authenticates,
    is_authentication_route,
    named_after_people,
    remembered,
    reserved,
)

if TYPE_CHECKING:
    from fumehood.engines.attack.ground import Ground
    from fumehood.engines.code.outlines import Outline

# Lookups of which the engine does not know what they are given.
_LOOKUP = remembered(
    r"\.query\.filter$|Session\.query\(\)\.filter$|sqlalchemy\.select$|Cursor\.fetchone$", re.NOFLAG
)
# The person's own identity is used for something: in the query, or in a comparison.
_TIED = remembered(
    r"(^|\.)(current_user|current_person|current_account|g\.user|g\.person|g\.account|me|auth_user|logged_in_user|current_identity)(\.(?!is_|get_id$|query|username$)\w+|\[\w+\])|get_jwt_identity|\w+\.current_user$|^g\.(project|org|organisation|organization|team|tenant|workspace|company|group|household)\b|"
    r"(^|_)(user|person|account|member|me)\.(is_)?(admin|staff|superuser|moderator|role|roles)$|"
    r"\.(is_owner|owned_by|can_\w+|has_permission|has_role|is_admin|author_id|owner_id|check_owner\w*|visible_to|belongs_to)$|"
    # A rule of access is asked, by a function of whatever name: may this person do that?
    r"(^|\.)(authz|acl|rbac|abac|enforcer)(\.|$)|(^|\.)(can|cannot|may|allows|permits|is_allowed|is_permitted|has_access|has_perms?|authori[sz]e|enforce|"
    r"(check|require|ensure|assert|verify|has)_\w*(access|perm|permission|permissions|right|rights|role|roles|owner|ownership))$",
    re.NOFLAG,
)

_PERSON = remembered(
    r"^(g|request)\.(user|person|account|identity|current_\w+|username|user_id|uid)(\.|$)|(^|\.)current_(user|person|account|identity)\.(?!is_|get_id$)|get_jwt_identity|user_id_from|"
    r"(^|\.)(get_)?(current_user|logged_in_user|auth_user)(_id)?$"
)

# Who was not sent it does not know it.
_SECRET = re.compile(r"token|secret|code|otp|receipt|nonce|signature", re.IGNORECASE)
# How many, or when: it names no object.
_AMOUNT = re.compile(r"count|limit|page|per_page|offset|size|top|year|month|week|days?")

_SUGGESTED = re.compile(
    r"\b(current_user|current_account|g\.user|g\.person|logged_in_user|auth_user)\b.*\b(id|username|uid|name)\b|\bsession\b|get_jwt_identity"
)


class ObjectNotTiedToOwner(Rule, CodeCheck, AttackCheck):
    """A view gives or changes an object that the request names, whoever it belongs to.

    ## What it finds

    A route for people who are signed in that looks up an object by a number, or a person by a name, of the request, and in which the
    person who is signed in plays no part: neither in the query, nor in a comparison, nor by a role that is asked for. It weighs most where
    the model has an owner among its columns, and least where nothing says that its objects belong to anybody.

    ## Why it is bad

    Whoever counts the number up gets the objects of all the others: insecure direct object reference.

    ## Example

    ```python
    from flask import Flask, request
    from flask_login import login_required
    from flask_sqlalchemy import SQLAlchemy

    app = Flask(__name__)
    db = SQLAlchemy(app)

    class Invoice(db.Model):
        id = db.Column(db.Integer, primary_key=True)
        total = db.Column(db.Integer)
        owner_number = db.Column(db.Integer)

    @app.get("/invoices/<int:number>")
    @login_required
    def invoice(number):
        return {"total": Invoice.query.get_or_404(number).total}
    ```

    ## Use instead

    ```python
    from flask import Flask
    from flask_login import current_user, login_required
    from flask_sqlalchemy import SQLAlchemy

    app = Flask(__name__)
    db = SQLAlchemy(app)

    class Invoice(db.Model):
        id = db.Column(db.Integer, primary_key=True)
        total = db.Column(db.Integer)
        owner_number = db.Column(db.Integer)

    @app.get("/invoices/<int:number>")
    @login_required
    def invoice(number):
        return {"total": Invoice.query.filter_by(id=number, owner_number=current_user.id).first_or_404().total}
    ```

    ## References

    - [CWE-639: Authorization Bypass Through User-Controlled Key](https://cwe.mitre.org/data/definitions/639.html)
    - [OWASP: Insecure Direct Object Reference Prevention](https://cheatsheetseries.owasp.org/cheatsheets/Insecure_Direct_Object_Reference_Prevention_Cheat_Sheet.html)
    """

    id = "FH761"
    name = "object-not-tied-to-owner"
    severity = Severity.HIGH
    cwe = 639
    asvs = ("v5.0.0-8.2.2",)
    fix = "Look it up among the objects of the person who is signed in, or compare its owner with them."

    def attack(self, ground: Ground) -> Iterator[Finding | Unknown]:
        from fumehood.practices.access.trespass import foreign_names, trespasses

        people = ground.people()
        if len(people) < 2:
            yield Unknown(
                self.id,
                "two people are needed to ask for one's things as the other; name them in people.toml",
            )
            return
        yield from foreign_names(self, ground)
        yield from trespasses(self, ground, people[1])

    calls = ("flask.request.args.get", "flask.request.form.get", "flask.request.values.get", "*.get")

    def call(self, call: Call) -> Iterator[Finding]:
        """``request.args.get("user_id", current_user.id)``: the person is only a suggestion."""
        name = call[0].constant
        if not isinstance(name, str) or not named_after_people(name) or len(call.positional) < 2:
            return
        node = call.node
        default = ast.unparse(node.args[1]) if isinstance(node, ast.Call) and len(node.args) > 1 else ""
        asked = call.name.startswith("flask.request.") or bool(call.receiver.taint)
        if asked and _SUGGESTED.search(default):
            yield self.flaw(
                call,
                f"The request may name somebody else as {name!r} in place of who is signed in.",
                certainty=Certainty.SUSPECTED,
            )

    def settle(self, findings: Sequence[Finding], program: Program) -> Sequence[Finding]:
        """Where people name themselves, as who renames himself in a chat, the name goes into their own session."""
        naming = {
            (one.location.path, one.name)
            for one in program.functions
            if any(re.match(r"(flask\.)?session\[", target) for target, _, _, _ in one.changes)
        }
        return [
            one
            for one in findings
            if "may name somebody else" not in one.message
            or one.location is None
            or (one.location.path, one.location.scope) not in naming
        ]

    def program(self, program: Program) -> Iterator[Finding | Unknown]:
        own = {(one.location.path, one.location.line): one for one in program.functions}
        for route in program.routes:
            if is_authentication_route(route) or not authenticates(route, program):
                continue
            if "public" in f"{route.rule} {route.function}":
                continue
            if any(_TIED(name) for name in route.names) or reserved(route, program):
                continue
            if route.objects:
                view = own.get((route.location.path, route.location.line))
                key = "" if view is None or _knows(view) else _key(route, program)
            else:
                key = _chosen(route) if any(_LOOKUP(name) for name in route.calls) else ""
            if (
                key
                and not _SECRET.search(key)
                and not _AMOUNT.fullmatch(key)
                and "token" not in route.parameters
            ):
                message = f"{route.function} takes the object that {key!r} names, whoever is signed in."
                yield self.flaw(
                    route,
                    message,
                    severity=_weight(route, key, program),
                    certainty=Certainty.SUSPECTED,
                    route=route.route,
                )


def _knows(view: Outline) -> bool:
    """Whether the view itself uses who is signed in for more than to ask whether anybody is: it may be among the query's values."""
    if any(_PERSON(name) for name in view.names):
        return True
    asked = any("session" in text for text, _ in view.compares)  # "if 'person' not in session"
    return not asked and any(name == "session" or name.startswith("session.") for name in view.names)


def _weight(route: Route, key: str, program: Program) -> Severity:
    """What belongs to nobody, as the posts of a blog with one author, is not taken from anybody."""
    models = _owned(route, program)
    if not models:
        if not route.changes:
            return Severity.INFO  # as a public profile: nothing says that it is anybody's secret
        return Severity.MEDIUM if named_after_people(key) else Severity.LOW
    # Where a neighbour of the same kind, reading or changing, asks whose it is, this one forgot to.
    neighbours = any(
        other.changes == route.changes
        and models & _owned(other, program)
        and any(_TIED(name) for name in other.names)
        for other in program.routes
    )
    if route.changes:
        by_number = re.search(r"(^|_)(id|uid|pk|number|no)$|[a-z]Id$", key) or re.search(
            rf"<(int|uuid):{re.escape(key)}>", route.rule
        )
        return Severity.HIGH if neighbours and by_number else Severity.MEDIUM
    return Severity.MEDIUM if neighbours else Severity.LOW


def _owned(route: Route, program: Program) -> set[str]:
    """The models that a route looks up whose objects are somebody's: they have a person among their columns."""
    return {
        name
        for name in {name.partition(".")[0] for name in route.names if name[:1].isupper()}
        if any(named_after_people(column) for column in program.classes.get(name, ()))
        and not named_after_people(name.lower().removesuffix("s"))
    }


def _lookups(route: Route) -> Iterator[tuple[str, str]]:
    for entry in route.objects:
        name, _, call = entry.partition("\t")
        yield name, call


def _also_owner(name: str, call: str) -> bool:
    """Whether what is looked up must also belong to somebody, whom another value names: ``filter_by(id=id, user=user)``."""
    pairs = re.findall(r"['\"]?\b(\w+)['\"]?\s*(?:==?|:)\s*([^,)}]+)", call)
    return any(
        named_after_people(column) and name not in re.findall(r"\w+", value) for column, value in pairs
    )


def _key(route: Route, program: Program) -> str:
    """The request's value that is known to choose the object: a number, a person, anything where objects are somebody's."""
    named = sorted({name for name, call in _lookups(route) if name and not _also_owner(name, call)})
    numbers = [
        name
        for name in named
        if re.search(rf"<(int|uuid):{re.escape(name)}>", route.rule)
        or re.search(r"(^|_)(id|uid|pk|number|no)$|[a-z]Id$", name)
    ]
    if numbers:
        return numbers[-1]
    people = [name for name in named if named_after_people(name)]
    if people and route.changes:
        return people[0]
    return named[0] if named and _owned(route, program) else ""


def _chosen(route: Route) -> str:
    """The request's value that names the object, when it is a number or a person."""
    in_path = [
        name
        for name in route.parameters
        if re.search(rf"<(int|uuid):{re.escape(name)}>", route.rule)
        or re.search(r"(^|_)(id|uid|pk|number)$", name)
    ]
    if in_path:
        return in_path[-1]
    reads_body = any(
        name.startswith(
            (
                "flask.request.json",
                "flask.request.get_json",
                "flask.request.form",
                "flask.request.args",
                "flask.request.values",
            )
        )
        for name in route.reads
    )
    keys = sorted(
        text
        for text in route.strings
        if named_after_people(text)
        and text.isidentifier()
        and not text.isupper()  # a setting's name, which no request chooses
        and not re.fullmatch(r"user(name)?|owner|account|author|profile|customer", text)
    )
    if reads_body and keys:
        return keys[0]
    people = [name for name in route.parameters if named_after_people(name)]
    return people[0] if people and route.changes else ""
