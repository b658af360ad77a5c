# engine: code
"""Names without slashes, of which one is a folder: ``..`` leads out of it, and the other chooses the file there."""

import os
import re
from pathlib import Path

from flask import Flask, request, send_from_directory

app = Flask(__name__)


def settings():
    return app.config["FOLDER"]


@app.get("/assets/<group>/<name>")
def assets(group, name):
    return send_from_directory(f"static/{group}", name)  # finds: FH442


@app.get("/pictures/<string:group>/<string:name>")
def pictures(group, name):
    group = re.sub(r"[^\w.-]+", "", group.lower())
    name = re.sub(r"[^\w.-]+", "", name.lower())
    with open(os.path.join("pictures", group, name), "rb") as file:  # finds: FH442
        return file.read(), 200, {"Content-Type": "image/png"}


@app.get("/joined")
def joined():
    path = settings() / request.args["name"]
    with open(path) as file:  # finds: FH442
        return {"text": file.read()}


@app.get("/unresolved")
def unresolved():
    folder = Path("manuals")
    path = folder / request.args["name"]
    if not path.is_relative_to(folder):
        return {}
    return {"text": path.read_text()}  # finds: FH442
