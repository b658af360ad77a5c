# engine: code
"""Keeps work for later."""

import tempfile

from flask import Flask, request

app = Flask(__name__)


def name():
    return tempfile.mktemp(suffix=".csv")  # finds: FH463


@app.post("/lines")
def remember():
    with open("/tmp/spool.log", "a") as file:  # finds: FH463
        file.write(request.form["line"])
    return "kept"
