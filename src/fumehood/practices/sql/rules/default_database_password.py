from __future__ import annotations

from collections.abc import Iterator

from fumehood.engines.live import LiveApp, LiveCheck
from fumehood.findings import Evidence, Finding, Rule, Severity, Unknown
from fumehood.practices.sql.addresses import database_urls


class DefaultDatabasePassword(Rule, LiveCheck):
    """The database has a password that everybody tries first.

    ## What it finds

    A database address, in `SQLALCHEMY_DATABASE_URI` or another setting, without a password or with one such as `postgres`, `root` or `password`.

    ## Why it is bad

    Whoever reaches the database's port reads and changes everything, past all checks of the application.

    ## Example

    ```python
    from flask import Flask

    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = "postgresql://shop:postgres@db.internal/shop"
    ```

    ## Use instead

    ```python
    import os

    from flask import Flask

    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = os.environ.get("SHOP_DATABASE", "sqlite:///shop.sqlite")
    ```

    ## References

    - [CWE-1392: Use of Default Credentials](https://cwe.mitre.org/data/definitions/1392.html)
    - [SQLAlchemy: database URLs](https://docs.sqlalchemy.org/en/20/core/engines.html#database-urls)
    """

    id = "FH804"
    name = "default-database-password"
    severity = Severity.HIGH
    cwe = 1392
    asvs = ("v5.0.0-13.2.3",)

    _DEFAULTS = frozenset(
        [
            "postgres",
            "root",
            "admin",
            "password",
            "passwd",
            "pass",
            "secret",
            "changeme",
            "change-me",
            "mysql",
            "mariadb",
            "mongo",
            "redis",
            "guest",
            "test",
            "toor",
            "example",
            "default",
            "123456",
            "12345678",
        ]
    )

    def live(self, app: LiveApp) -> Iterator[Finding | Unknown]:
        for setting, url in database_urls(app):
            weak = url.password is not None and (
                url.password.lower() in self._DEFAULTS or url.password == url.username
            )
            if weak and not url.scheme.startswith("sqlite"):
                yield self.finding(
                    f"{setting} has a password that is tried first.",
                    location=app.place(setting),
                    evidence=(
                        Evidence(
                            "setting",
                            f"{setting} is {url.scheme}://{url.username}:(a default password)@{url.hostname}/...",
                        ),
                    ),
                    fix="Give the database user a generated password, from the environment or a file.",
                )
