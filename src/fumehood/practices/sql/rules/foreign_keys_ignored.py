from __future__ import annotations

from collections.abc import Iterator

from fumehood.engines.live import LiveApp, LiveCheck
from fumehood.findings import Evidence, Finding, Rule, Severity, Unknown


class ForeignKeysIgnored(Rule, LiveCheck):
    """SQLite does not enforce the foreign keys that the models declare.

    ## What it finds

    Models with foreign keys on an SQLite engine whose connections have `PRAGMA foreign_keys` off, which is SQLite's default.

    ## Why it is bad

    Rows stay behind that belong to nobody. Who gets the id of a deleted account next, gets its notes, files and roles.

    ## Example

    ```python
    from flask import Flask
    from flask_sqlalchemy import SQLAlchemy

    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
    db = SQLAlchemy(app)


    class Person(db.Model):
        id = db.Column(db.Integer, primary_key=True)


    class Note(db.Model):
        id = db.Column(db.Integer, primary_key=True)
        person = db.Column(db.ForeignKey("person.id"))
    ```

    ## Use instead

    ```python
    from flask import Flask
    from flask_sqlalchemy import SQLAlchemy
    from sqlalchemy import event

    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
    db = SQLAlchemy(app)
    with app.app_context():
        event.listen(db.engine, "connect", lambda connection, _: connection.execute("PRAGMA foreign_keys = ON"))


    class Person(db.Model):
        id = db.Column(db.Integer, primary_key=True)


    class Note(db.Model):
        id = db.Column(db.Integer, primary_key=True)
        person = db.Column(db.ForeignKey("person.id"))
    ```

    ## References

    - [SQLite: foreign key support](https://www.sqlite.org/foreignkeys.html#fk_enable)
    - [CWE-672: Operation on a Resource after Expiration or Release](https://cwe.mitre.org/data/definitions/672.html)
    """

    id = "FH803"
    name = "foreign-keys-ignored"
    severity = Severity.LOW
    cwe = 672
    asvs = ("v5.0.0-2.3.3",)

    def live(self, app: LiveApp) -> Iterator[Finding | Unknown]:
        for database in app.details.get("databases", ()):
            if database["dialect"] == "sqlite" and database["foreign_keys"] and database["enforced"] is False:
                yield self.finding(
                    f"SQLite does not enforce the {database['foreign_keys']} foreign keys of the models.",
                    evidence=(Evidence("setting", "PRAGMA foreign_keys is 0 on a new connection"),),
                    fix="Install Fumehood(app, db=db), or run PRAGMA foreign_keys = ON on each connection.",
                )
