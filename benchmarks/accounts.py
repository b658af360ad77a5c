"""What accounts cost: the same app with people and roles in a database, by hand, under the hood, and with the usual stack.

    python benchmarks/accounts.py [--rounds 30] [--requests 60] [--check]

The app by hand does what its tutorial would: the session holds the account's id, a view that needs the account loads it with its roles.
See hood.py for how time is measured.
"""

from __future__ import annotations

import logging
import sys
import tempfile
from pathlib import Path
from typing import Any

from flask import Flask, abort, render_template, session
from flask_sqlalchemy import SQLAlchemy

from hood import HOST, NOTES, app_of, arguments_of, measure, stacked, table

# name, method, path, signed in, highest ratio
CASES = (
    ("public page, signed in", "GET", "/", True, 1.00),
    ("page for a role", "GET", "/reports", True, 1.10),
    ("static file, signed in", "GET", "/static/style.css", True, 0.90),
)


def by_hand(folder: Path) -> Flask:
    app = app_of(folder, lambda view: view, lambda: session.update(account=1))
    app.config["SQLALCHEMY_DATABASE_URI"] = f"sqlite:///{folder}/people.db"
    db = SQLAlchemy(app)
    between = db.Table(
        "held",
        db.Column("account_id", db.ForeignKey("account.id"), primary_key=True),
        db.Column("role_id", db.ForeignKey("role.id"), primary_key=True),
    )

    class Role(db.Model):  # type: ignore[name-defined,misc]
        id = db.Column(db.Integer, primary_key=True)
        name = db.Column(db.String(80), unique=True)

    class Account(db.Model):  # type: ignore[name-defined,misc]
        id = db.Column(db.Integer, primary_key=True)
        email = db.Column(db.String(255), unique=True)
        active = db.Column(db.Boolean, default=True)
        roles = db.relationship(Role, secondary=between, lazy="selectin")

    @app.get("/reports")
    def reports() -> str:
        account = db.session.get(Account, session.get("account"))
        if account is None or not account.active or "reader" not in {role.name for role in account.roles}:
            abort(403)
        return render_template("mine.html", person=account.email, notes=NOTES)

    with app.app_context():
        db.create_all()
        db.session.add(Account(email=f"ann@{HOST}", roles=[Role(name="reader")]))
        db.session.commit()
    return app


def hooded(folder: Path) -> Flask:
    from fumehood import (
        AccountMixin,
        Fumehood,
        RoleMixin,
        allow,
        create_account,
        current_person,
        login,
        public,
    )

    def enter() -> None:
        login(db.session.scalars(db.select(User)).one())

    app = app_of(folder, public, enter)
    app.config["SQLALCHEMY_DATABASE_URI"] = f"sqlite:///{folder}/people.db"
    db = SQLAlchemy(app)

    class Role(db.Model, RoleMixin):  # type: ignore[name-defined,misc]
        pass

    class User(db.Model, AccountMixin):  # type: ignore[name-defined,misc]
        pass

    Fumehood(app, db=db, user=User, role=Role)

    @app.get("/reports")
    @allow("reader")
    def reports() -> str:
        person = current_person()
        return render_template("mine.html", person=person.name if person else "", notes=NOTES)

    with app.app_context():
        db.create_all()
        create_account(f"ann@{HOST}", "ember-quartz-river-41", roles=["reader"])
    return app


def with_stack(folder: Path) -> Flask:
    from flask_security import current_user, roles_required

    app = stacked(folder, roles=["reader"])

    @app.get("/reports")
    @roles_required("reader")
    def reports() -> Any:
        return render_template("mine.html", person=current_user.email, notes=NOTES)

    return app


def main() -> int:
    arguments = arguments_of(
        "What accounts cost, beside the same app by hand and the usual stack.", rounds=30, requests=60
    )
    logging.disable(logging.CRITICAL)
    with tempfile.TemporaryDirectory() as folder:
        apps = {"bare": by_hand(Path(folder, "bare")), "hood": hooded(Path(folder, "hood"))}
        try:
            apps["stack"] = with_stack(Path(folder, "stack"))
        except ImportError as missing:
            print(f"The usual stack is left out: {missing}.")
        return table(measure(apps, CASES, arguments.rounds, arguments.requests), arguments.check)


if __name__ == "__main__":
    sys.exit(main())
