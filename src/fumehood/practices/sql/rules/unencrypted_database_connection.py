from __future__ import annotations

import re
from collections.abc import Iterator

from fumehood.engines.live import LiveApp, LiveCheck
from fumehood.findings import Evidence, Finding, Rule, Severity, Unknown
from fumehood.practices.sql.addresses import database_urls, is_remote


class UnencryptedDatabaseConnection(Rule, LiveCheck):
    """The connection to the database is not encrypted for sure.

    ## What it finds

    A PostgreSQL or MySQL server on another machine, with neither `sslmode=require` (or stricter) nor TLS settings in its address.

    ## Why it is bad

    PostgreSQL's default, `prefer`, goes on in plain text when somebody on the way says that there is no TLS. Passwords and all rows
    can then be read and changed.

    ## Example

    ```python
    from flask import Flask

    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = "postgresql+psycopg://shop:kFz81jQw@db.shop.example/shop"
    ```

    ## Use instead

    ```python
    from flask import Flask

    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = (
        "postgresql+psycopg://shop:kFz81jQw@db.shop.example/shop?sslmode=verify-full&sslrootcert=/etc/ssl/db.pem"
    )
    ```

    ## References

    - [PostgreSQL: SSL support](https://www.postgresql.org/docs/current/libpq-ssl.html)
    - [CWE-319: Cleartext Transmission of Sensitive Information](https://cwe.mitre.org/data/definitions/319.html)
    """

    id = "FH805"
    name = "unencrypted-database-connection"
    severity = Severity.MEDIUM
    cwe = 319
    asvs = ("v5.0.0-12.3.1",)

    def live(self, app: LiveApp) -> Iterator[Finding | Unknown]:
        connect = app.config.get("SQLALCHEMY_ENGINE_OPTIONS") or {}
        arguments = str(connect.get("connect_args", "")) if isinstance(connect, dict) else ""
        for setting, url in database_urls(app):
            kind = url.scheme.partition("+")[0]
            if kind not in {"postgres", "postgresql", "cockroachdb", "mysql", "mariadb"} or not is_remote(
                url
            ):
                continue
            # A bare name without a dot is a neighbour in a container network, which is for its operator to judge.
            severity = self.severity if "." in (url.hostname or "") else Severity.INFO
            said = f"{url.query} {arguments}".lower()
            if (
                not re.search(
                    r"sslmode=(require|verify)|sslmode'?: ?'(require|verify)|ssl_ca|ssl=true|'ssl'|ssl_verify|sslcontext",
                    said,
                )
                and not app.hooded
            ):
                yield self.finding(
                    f"The connection to the database at {url.hostname} may be in plain text.",
                    severity=severity,
                    location=app.place(setting),
                    evidence=(
                        Evidence(
                            "setting", f"{setting} is {url.scheme}://...@{url.hostname}/... without TLS"
                        ),
                    ),
                    fix="Add ?sslmode=verify-full with sslrootcert (PostgreSQL), or ssl_ca (MySQL).",
                )
