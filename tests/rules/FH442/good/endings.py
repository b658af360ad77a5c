# engine: code
"""Of the name that a browser sends only the ending is kept."""

import os
import uuid
from pathlib import Path

from flask import Flask, request

app = Flask(__name__)


@app.post("/pictures")
def keep():
    sent = request.files["picture"]
    ending = sent.filename.rsplit(".", 1)[-1].lower()
    sent.save(os.path.join("pictures", "newest." + ending))
    sent.save(Path("pictures") / f"{uuid.uuid4().hex}{Path(sent.filename).suffix}")
    last = sent.filename.replace("\\", "/").split("/")[-1]
    sent.save(os.path.join("pictures", "as-sent", last))
    return "", 201


@app.get("/texts/<locale>/<domain>")
def texts(locale, domain):
    with open(os.path.join("translations", locale, "LC_MESSAGES", domain)) as file:
        return file.read()
