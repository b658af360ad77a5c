# engine: code
import io
import os
import uuid
from pathlib import Path

from flask import Flask, abort, request, send_file, send_from_directory
from werkzeug.utils import secure_filename

app = Flask(__name__)
MANUALS = Path("manuals").resolve()


@app.get("/manual")
def manual():
    return send_from_directory("manuals", request.args["name"])


@app.get("/page")
def page():
    path = (MANUALS / request.args["name"]).resolve()
    if not path.is_relative_to(MANUALS):
        abort(404)
    return {"text": path.read_text()}


@app.get("/old")
def old():
    path = os.path.realpath(os.path.join("manuals", request.args["name"]))
    if not path.startswith(str(MANUALS) + os.sep):
        abort(404)
    with open(path) as file:
        return {"text": file.read()}


@app.post("/upload")
def upload():
    sent = request.files["file"]
    sent.save(os.path.join("uploads", secure_filename(sent.filename)))
    return {}


@app.get("/volume/<int:number>")
def volume(number):
    with open(f"volumes/{number}.txt") as file:
        return {"text": file.read()}


@app.get("/language/<name>")
def language(name):
    with open(f"languages/{name}.txt") as file:
        return {"text": file.read()}


def is_known_or_inside(name, manuals, folders):
    if any(name == manual.name for manual in manuals):
        return True
    path = Path(name).resolve()
    return any(path.is_relative_to(folder) for folder in folders)


@app.get("/document")
def document():
    name = request.args["name"]
    if not is_known_or_inside(name, app.extensions["manuals"], app.extensions["folders"]):
        abort(404)
    return send_file(Path(name))


@app.get("/drawn")
def drawn():
    return send_file(io.BytesIO(request.args["text"].encode()), mimetype="text/plain")


@app.post("/photos")
def photos():
    sent = request.files["photo"]
    _, ending = os.path.splitext(sent.filename)
    sent.save(os.path.join("photos", uuid.uuid4().hex + ending))
    return {}


@app.post("/plans")
def plans():
    sent = request.files["plan"]
    sent.save(os.path.join("plans", sent.filename.replace(os.sep, " ")))
    return {}
