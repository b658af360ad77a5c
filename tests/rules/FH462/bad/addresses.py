# engine: code
"""Checks addresses as they come."""

import re

from flask import Flask, request

app = Flask(__name__)
NAME = re.compile(r"^(\w+\s?)+$")


@app.post("/address")
def address():
    if not re.search(r"^([0-9a-z]([-.\w]*[0-9a-z])*@([0-9a-z]+\.)+[a-z]{2,9})$", request.form["mail"]):  # finds: FH462
        return "no", 400
    return "ok" if NAME.match(request.form["name"]) else ("no", 400)  # finds: FH462


@app.get("/find")
def find():
    return {"lines": [line for line in LINES if re.search(request.args["pattern"], line)]}  # finds: FH462


LINES = ["one", "two"]
