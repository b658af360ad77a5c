# engine: code
"""Checks addresses with patterns that have one way to match."""

import re

from flask import Flask, request

app = Flask(__name__)
NAME = re.compile(r"^\w+(\s\w+)*$")


@app.post("/address")
def address():
    if not re.fullmatch(r"[a-z0-9]+([.-][a-z0-9]+)*@([a-z0-9-]+\.)+[a-z]{2,9}", request.form["mail"]):
        return "no", 400
    return "ok" if NAME.match(request.form["name"]) else ("no", 400)


@app.get("/find")
def find():
    return {"lines": [line for line in LINES if re.search(re.escape(request.args["word"]), line)]}


LINES = [line for line in "a b".split() if re.match(r"(\w+\s?)+$", line)]
