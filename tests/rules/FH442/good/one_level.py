# engine: code
"""Names that cannot be ``..``, or that name the last part of a path only."""

import re

from flask import Flask, send_from_directory

app = Flask(__name__)


@app.get("/assets/<group>/<name>")
def assets(group, name):
    group = re.sub(r"[^a-z0-9_]+", "", group.lower())
    return send_from_directory(f"static/{group}", name)


@app.get("/page/<name>")
def page(name):
    name = re.sub(r"[^\w.-]+", "", name)
    with open(f"pages/{name}") as file:
        return {"text": file.read()}
