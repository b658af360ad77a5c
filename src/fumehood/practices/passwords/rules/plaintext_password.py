from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from fumehood.engines.code import Assign, Call, CodeCheck, Program
from fumehood.findings import Certainty, Evidence, Finding, Rule, Severity
from fumehood.practices.passwords.reading import is_password, plain_password

_MODELS = (
    "flask_sqlalchemy.SQLAlchemy.Model",
    "sqlalchemy.orm.DeclarativeBase",
    "peewee.Model",
    "mongoengine.Document",
)
_STORES = re.compile(
    r"\b(insert\s+into|update\s+\w+\s+set)\b.*\b(pass\w*|pwd?|psw)\b", re.IGNORECASE | re.DOTALL
)
_COMPARES = re.compile(r"\bwhere\b.*\b(pass\w*|pwd?|psw)\s*=", re.IGNORECASE | re.DOTALL)

_CONNECTS = re.compile(
    r"(Connection|Client|Connector|Driver|Manager|Server|Session|Adapter|Config|Settings|Form)$"
)
_HASHES = re.compile(r"hash|set_pass|encrypt|crypt|digest|kdf|derive", re.IGNORECASE)
_COMPARED = re.compile(r"\bcompared\b|filter_by")


class PlaintextPassword(Rule, CodeCheck):
    """A password is stored or compared as it was typed.

    ## What it finds

    A password of the request, or one that is written in the source, that becomes a column or an attribute `password` of a stored
    object, a value of an `INSERT` or `UPDATE`, or a condition of a query, without having been hashed.

    ## Why it is bad

    Whoever reads the table, by an injection, a backup or as an employee, has everybody's password, and most people use theirs
    elsewhere too.

    ## Example

    ```python
    from flask import Flask, request
    from flask_sqlalchemy import SQLAlchemy

    app = Flask(__name__)
    db = SQLAlchemy(app)

    class Member(db.Model):
        id = db.Column(db.Integer, primary_key=True)
        name = db.Column(db.Text)
        password = db.Column(db.Text)

    @app.post("/join")
    def join():
        db.session.add(Member(name=request.form["name"], password=request.form["password"]))
        db.session.commit()
        return "", 201
    ```

    ## Use instead

    ```python
    from flask import Flask, request
    from flask_sqlalchemy import SQLAlchemy
    from werkzeug.security import generate_password_hash

    app = Flask(__name__)
    db = SQLAlchemy(app)

    class Member(db.Model):
        id = db.Column(db.Integer, primary_key=True)
        name = db.Column(db.Text)
        password = db.Column(db.Text)

    @app.post("/join")
    def join():
        db.session.add(Member(name=request.form["name"], password=generate_password_hash(request.form["password"])))
        db.session.commit()
        return "", 201
    ```

    ## References

    - [CWE-256: Plaintext Storage of a Password](https://cwe.mitre.org/data/definitions/256.html)
    - [OWASP Password Storage Cheat Sheet](https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html)
    """

    id = "FH660"
    name = "plaintext-password"
    severity = Severity.HIGH
    cwe = 256
    asvs = ("v5.0.0-11.4.2",)
    calls = (
        *_MODELS,
        "*.filter_by",
        "*.execute",
        "*.executemany",
        "*.insert_one",
        "*.find_one",
        "*.update_one",
    )
    assigns = ("*.password", "*.passwd", "*.pwd")
    fix = "Store generate_password_hash(password), compare with check_password_hash; better argon2, as Fumehood's accounts do."

    def call(self, call: Call) -> Iterator[Finding]:
        method = call.name.rpartition(".")[2]
        if method.startswith("execute"):
            yield from self._statement(call)
            return
        for name in call.keywords:
            if (
                is_password(name)
                and plain_password(call[name])
                and not call.has_setter(name)
                and not _hashes(call)
            ):
                what = "is compared with the column" if method == "filter_by" else "is stored as"
                yield self.flaw(call, f"The password as it was typed {what} {name!r}.")
                return
        if method.endswith("_one"):
            for name, value in {**call[0].entries(), **call[1].entries()}.items():
                if isinstance(name, str) and is_password(name) and plain_password(value):
                    yield self.flaw(
                        call, f"The password as it was typed is kept in, or compared with, {name!r}."
                    )
                    return

    def settle(self, findings: Sequence[Finding], program: Program) -> Sequence[Finding]:
        """What is stored as it was typed is compared as it was typed: one flaw of a file, told where it is stored, with the other places."""
        stored = [one for one in findings if not _COMPARED.search(one.message)]
        called = any("is stored as" in one.message for one in stored)
        if called:  # and who calls a constructor answers for it
            stored = [
                one for one in stored if not (one.location and one.location.scope.endswith(".__init__"))
            ]
        files: dict[str, list[Finding]] = {}
        for one in stored or findings:
            files.setdefault(one.location.path if one.location else "", []).append(one)
        return [_with_places(mine, findings) for mine in files.values()]

    def _statement(self, call: Call) -> Iterator[Finding]:
        text = call[0].text
        stores, compares = _STORES.search(text), _COMPARES.search(text)
        if not (stores or compares):
            return
        given = (call[0], call[1], *call[1].items(), *call[1].entries().values())
        if any(plain_password(value) for value in given):
            yield self.flaw(
                call,
                f"The password as it was typed is {'stored' if stores else 'compared'} by the statement.",
            )

    def assign(self, assign: Assign) -> Iterator[Finding]:
        if _CONNECTS.search(assign.name.rpartition(".")[0]):
            return  # what is signed in with elsewhere, in memory only
        if plain_password(assign.value) and not assign.has_setter:
            yield self.flaw(
                assign, f"The password as it was typed is kept in {assign.name.removeprefix('?.')}."
            )
        elif (
            isinstance(assign.value.constant, str)
            and len(assign.value.constant) > 3
            and not assign.value.constant.startswith(("$", "pbkdf2:", "scrypt:"))
            and assign.name[:1].isupper()
        ):
            yield self.flaw(
                assign,
                f"{assign.name} is given a password that is neither hashed nor secret.",
                certainty=Certainty.SUSPECTED,
                severity=Severity.MEDIUM,
            )


def _with_places(mine: Sequence[Finding], findings: Sequence[Finding]) -> Finding:
    first = min(mine, key=lambda one: one.location.line if one.location else 0)
    place = first.location
    more = [
        Evidence("code", f"also {one.location}: {one.message}")
        for one in findings
        if one is not first and one.location and place and one.location.path == place.path
    ]
    return replace(first, evidence=(*first.evidence, *more[:8]))


def _hashes(call: Call) -> bool:
    """Whether the class that is called has a constructor of its own that hashes."""
    return any(_HASHES.search(name) for name in call.names_of_init)
