"""An application on a PostgreSQL, MySQL or MariaDB server is attacked in a database of its own, which is gone afterwards."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from fumehood.engines.attack.run import Attacked
from fumehood.engines.attack.servers import PREFIX
from fumehood.engines.live.target import TargetError
from servers.process import until

SHOP = """
from flask import Flask, request
from flask_sqlalchemy import SQLAlchemy
app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = {url!r}
db = SQLAlchemy(app)

class Goods(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(200))

@app.get("/search")
def search():
    name = request.args.get("name", "")
    rows = db.session.execute(db.text("SELECT id, name FROM goods WHERE name = '" + name + "'"))
    return {{"goods": [list(row) for row in rows]}}

@app.post("/empty")
def empty():
    db.session.execute(db.text("DELETE FROM goods"))
    db.session.commit()
    return "emptied"

@app.post("/drop")
def drop():
    db.session.execute(db.text("DROP DATABASE {name}"))
    return "dropped"

@app.post("/straight")
def straight():
    {straight}
    return "emptied"
"""
POSTGRESQL = """
    import psycopg, psycopg2
    for driver in (psycopg, psycopg2):
        try:
            connection = driver.connect({plain!r})
        except OSError:
            continue
        connection.cursor().execute("DELETE FROM goods")
        connection.commit()
"""
MARIADB = """
    db.session.execute(db.text("DELETE FROM {name}.goods"))
    db.session.commit()
"""


def shop(url: str) -> str:
    name = url.rpartition("/")[2]
    plain = url.replace("+psycopg2:", ":").replace("+psycopg:", ":")
    straight = (POSTGRESQL if url.startswith("postgresql") else MARIADB).format(plain=plain, name=name)
    return SHOP.format(url=url, name=name, straight=straight.strip())


def asked(url: str, *statements: str) -> list[Any]:
    """Run statements at once; return the rows of the last."""
    engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            result = connection.execute(text(statement))
        return [tuple(row) for row in result] if result.returns_rows else []


def scratches(url: str) -> list[str]:
    every = "SELECT datname FROM pg_database" if url.startswith("postgresql") else "SHOW DATABASES"
    return [name for (name,) in asked(url, every) if name.startswith(PREFIX)]


@pytest.fixture(params=["postgresql+psycopg", "postgresql+psycopg2", "mysql+pymysql", "mysql+mysqldb"])
def url(request: Any) -> str:
    """The URL of a database with one row in it, which an attack must leave as it is."""
    fixture = "fresh_postgresql_url" if request.param.startswith("postgresql") else "fresh_mariadb_url"
    url = f"{request.param}:{request.getfixturevalue(fixture).partition(':')[2]}"
    asked(
        url,
        "CREATE TABLE goods (id INTEGER PRIMARY KEY, name VARCHAR(200))",
        "INSERT INTO goods VALUES (1, 'beaker')",
    )
    return url


@pytest.mark.server("postgresql")
@pytest.mark.server("mariadb")
def test_the_flaw_is_confirmed_and_the_original_is_untouched(
    url: str, attacked: Callable[..., Attacked]
) -> None:
    result = attacked(shop(url), "FH801", "FH443")
    assert [(item.rule, item.route) for item in result.findings] == [("FH801", "GET /search")]
    assert asked(url, "SELECT id, name FROM goods") == [(1, "beaker")]
    assert scratches(url) == []
    assert any("DROP DATABASE" in what for what in result.refused)
    assert not [item for item in result.not_covered if item.what == "database"]


@pytest.mark.server("postgresql")
@pytest.mark.server("mariadb")
@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGKILL])
def test_nothing_stays_when_the_audit_is_ended_in_the_middle(
    url: str, project: Callable[[str], Path], attacked: Callable[..., Attacked], end: int
) -> None:
    waits = shop(url) + '\n@app.get("/")\ndef wait():\n    while True:\n        pass\n'
    program = (
        "import sys, pathlib; from fumehood.audit import all_rules; from fumehood.engines.attack.run import *\n"
        "attack(pathlib.Path(sys.argv[1]), 'app', [rule for rule in all_rules() if rule.id == 'FH443'], AttackOptions(each=60))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(project(waits))], env=os.environ, stderr=subprocess.DEVNULL
    )
    try:
        until(lambda: scratches(url), "the attack's database")
        process.send_signal(end)
        process.wait(timeout=20)
        if end == signal.SIGKILL:
            assert scratches(url) != []
            attacked(shop(url), "FH443")  # the next attack drops what the killed one could not
        assert scratches(url) == []
        assert asked(url, "SELECT id, name FROM goods") == [(1, "beaker")]
    finally:
        process.kill()
        process.wait()


@pytest.mark.server("postgresql")
@pytest.mark.server("mariadb")
def test_an_account_that_may_not_make_a_database_is_named(
    url: str, attacked: Callable[..., Attacked]
) -> None:
    user, host = f"clerk{os.getpid()}", url.rpartition("@")[2]
    name = host.rpartition("/")[2]
    if url.startswith("postgresql"):
        statements = [f"DROP ROLE IF EXISTS {user}", f"CREATE ROLE {user} LOGIN PASSWORD 'correct'"]
    else:
        statements = [
            f"CREATE OR REPLACE USER {user}@'127.0.0.1' IDENTIFIED BY 'correct'",
            f"GRANT ALL ON {name}.* TO {user}@'127.0.0.1'",
        ]
    asked(url, *statements)
    clerk = f"{url.partition('://')[0]}://{user}:correct@{host}"
    with pytest.raises(TargetError, match=rf"{user} may not make one on 127\.0\.0\.1.*Allow it there"):
        attacked(shop(clerk), "FH443")
    assert scratches(url) == []
