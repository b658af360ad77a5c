"""pymongo's own client and gevent's greenlets, not stand-ins for them: attacks are seen, honest requests are not."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from flask import request

NOSQL = [
    {"$ne": None}, {"$gt": ""}, {"$regex": ".*"}, {"$exists": True}, {"$in": ["ada", "bob"]}, {"$nin": []}, {"$not": {"$eq": "x"}},
    {"$where": "sleep(1) || true"}, {"$gte": "a", "$lte": "z"}, {"$type": "string"},
]  # fmt: skip
HONEST = [
    "ada",
    "O'Brien",
    "$100",
    "$ne",
    '{"$ne": null}',
    "price > $5 && tax",
    7,
    None,
    True,
    ["plain", "list"],
]


def _find_in_mongo(watched: Any) -> None:
    """Add a route that asks a MongoDB that nobody serves: a statement that is let through ends in a time-out."""
    pymongo = pytest.importorskip("pymongo")

    @watched.app.post("/find")
    def find() -> str:
        with pymongo.MongoClient("mongodb://127.0.0.1:9", serverSelectionTimeoutMS=1) as client:
            try:
                client.shop.users.find_one({"name": request.get_json()["q"], "age": {"$gt": 17}})
            except pymongo.errors.ServerSelectionTimeoutError:
                return "asked"
        return "found"


@pytest.mark.parametrize("value", NOSQL, ids=str)
def test_an_operator_that_a_request_brings_into_a_filter_is_seen(watched: Any, value: Any) -> None:
    _find_in_mongo(watched)
    assert [item.sink for item in watched.ask("/find", json={"q": value}, method="POST")] == ["nosql"]


@pytest.mark.parametrize("value", HONEST, ids=str)
def test_a_plain_value_in_a_filter_beside_the_programs_own_operators_passes(watched: Any, value: Any) -> None:
    _find_in_mongo(watched)
    assert watched.ask("/find", json={"q": value}, method="POST") == []
    assert watched.answer().text == "asked"


GREENLETS = """
from gevent import monkey
monkey.patch_all()
import sqlite3, gevent
from flask import Flask, request
from fumehood.engines.sinks import Watch, install

app, seen = Flask("greenlets"), []
watch = Watch(lambda observation: seen.append((request.args["who"], observation.value)))
install(app, watch)
app.before_request(lambda: watch.begin(request._get_current_object()) and None)

@app.get("/")
def index():
    gevent.sleep(0)  # another request goes on here
    name = request.args["q"]
    with sqlite3.connect(":memory:") as connection:
        gevent.sleep(0)
        return str(connection.execute(f"SELECT 1 WHERE 'x' = '{name}'").fetchall())

def ask(number):
    attack = number % 2
    return app.test_client().get("/", query_string={"who": number, "q": f"x' OR '{number}'='{number}" if attack else f"x{number}"}).status_code

assert [item.get() for item in [gevent.spawn(ask, number) for number in range(20)]] == [200] * 20
print(sorted(seen, key=lambda item: int(item[0])))
"""


def test_requests_in_greenlets_are_kept_apart() -> None:
    pytest.importorskip("gevent")
    result = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", GREENLETS], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    expected = [(str(number), f"x' OR '{number}'='{number}") for number in range(1, 20, 2)]
    assert result.stdout.strip() == str(expected)
