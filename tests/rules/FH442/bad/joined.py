# engine: code
import os
from pathlib import Path

from flask import Flask, request, send_file

app = Flask(__name__)
MANUALS = Path("manuals")


@app.get("/manual")
def manual():
    with open(os.path.join("manuals", request.args["name"])) as file:  # finds: FH442
        return {"text": file.read()}


@app.get("/page")
def page():
    return {"text": (MANUALS / request.args["name"]).read_text()}  # finds: FH442


@app.get("/raw/<path:name>")
def raw(name):
    return send_file("manuals/" + name)  # finds: FH442


@app.post("/upload")
def upload():
    sent = request.files["file"]
    sent.save("uploads/" + sent.filename)  # finds: FH442
    return {}
