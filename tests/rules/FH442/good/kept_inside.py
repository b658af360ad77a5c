# engine: code
"""The ways in which applications keep a path inside its folder."""

import os
import re
import uuid
import posixpath
from pathlib import Path, PurePath, PurePosixPath
from flask import Flask, abort, request, send_file, current_app
from werkzeug.utils import safe_join, secure_filename

app = Flask(__name__)
BASE = os.path.abspath("manuals")
ROOT = Path("manuals").resolve()


def below(path, folder):
    try:
        path.resolve().relative_to(folder)
        return True
    except ValueError:
        return False


def checked(name):
    full = os.path.realpath(os.path.join(BASE, name))
    if os.path.commonpath([BASE, full]) != BASE:
        raise ValueError(name)
    return full


@app.get("/helper-that-catches")
def helper_that_catches():
    path = ROOT / request.args["name"]
    if not below(path, ROOT) or not path.exists():
        abort(404)
    return {"text": path.read_text()}


@app.get("/helper-that-raises")
def helper_that_raises():
    try:
        full = checked(request.args["name"])
    except ValueError:
        abort(404)
    with open(full) as file:
        return {"text": file.read()}


@app.get("/common-prefix")
def common_prefix():
    full = os.path.realpath(os.path.join(BASE, request.args["name"]))
    if os.path.commonprefix((full, BASE)) != BASE:
        abort(404)
    with open(full) as file:
        return {"text": file.read()}


@app.get("/parents")
def parents():
    path = (ROOT / request.args["name"]).resolve()
    if ROOT not in path.parents:
        abort(404)
    return {"text": path.read_text()}


@app.get("/no-dots")
def no_dots():
    name = request.args["name"]
    if ".." in name or name.startswith("/"):
        abort(404)
    with open(os.path.join(BASE, name)) as file:
        return {"text": file.read()}


@app.get("/base-name")
def base_name():
    name = request.args["name"]
    if os.path.basename(name) != name:
        abort(404)
    with open(os.path.join(BASE, name)) as file:
        return {"text": file.read()}


@app.get("/secure-name")
def secure_name():
    name = request.args["name"]
    if secure_filename(name) != name:
        abort(404)
    with open(os.path.join(BASE, name)) as file:
        return {"text": file.read()}


@app.get("/listed")
def listed():
    name = request.args["name"]
    if name not in os.listdir(BASE):
        abort(404)
    with open(os.path.join(BASE, name)) as file:
        return {"text": file.read()}


@app.get("/last-part")
def last_part():
    name = Path(request.args["name"]).name
    with open(os.path.join(BASE, name)) as file:
        return {"text": file.read()}


@app.get("/joined")
def joined():
    path = safe_join(BASE, request.args["name"])
    if path is None:
        abort(404)
    with open(path) as file:
        return {"text": file.read()}


@app.get("/identifier")
def identifier():
    name = request.args["name"]
    try:
        uuid.UUID(name)
    except ValueError:
        abort(404)
    with open(os.path.join(BASE, name)) as file:
        return {"text": file.read()}


@app.get("/relative")
def relative():
    full = os.path.abspath(os.path.join(BASE, request.args["name"]))
    if os.path.relpath(full, BASE).startswith(".."):
        abort(404)
    with open(full) as file:
        return {"text": file.read()}


@app.get("/pattern")
def pattern():
    name = request.args["name"]
    if not re.match(r"^[\w-]+$", name):
        abort(404)
    with open(os.path.join(BASE, name)) as file:
        return {"text": file.read()}


@app.get("/below-folder")
def below_folder():
    full = os.path.abspath(os.path.join(BASE, request.args["name"]))
    if not full.startswith(BASE + os.sep):
        abort(404)
    with open(full) as file:
        return {"text": file.read()}


@app.get("/known")
def known():
    name = request.args["name"]
    allowed = {p.name: p for p in ROOT.iterdir()}
    path = allowed.get(name)
    if path is None:
        abort(404)
    return {"text": path.read_text()}


@app.get("/segments")
def segments():
    name = request.args["name"]
    if any(part in ("..", "") for part in name.split("/")):
        abort(404)
    with open(os.path.join(BASE, name)) as file:
        return {"text": file.read()}


@app.get("/no-slash")
def no_slash():
    name = request.args["name"]
    if "/" in name or "\\" in name:
        abort(404)
    with open(os.path.join(BASE, name)) as file:
        return {"text": file.read()}


@app.get("/rooted")
def rooted():
    name = posixpath.normpath("/" + request.args["name"]).lstrip("/")
    with open(os.path.join(BASE, name)) as file:
        return {"text": file.read()}


@app.get("/configured")
def configured():
    path = Path(current_app.config["FOLDER"]) / request.args["name"]
    path = path.resolve()
    if not str(path).startswith(str(ROOT)):
        abort(404)
    return {"text": path.read_text()}


@app.get("/common-path")
def common_path():
    folder = os.path.realpath(BASE)
    full = os.path.realpath(os.path.join(folder, request.args["name"]))
    if os.path.commonpath((folder, full)) == folder:
        with open(full) as file:
            return {"text": file.read()}
    return abort(404)


@app.get("/relative-or-error")
def relative_or_error():
    full = (ROOT / request.args["name"]).resolve()
    try:
        full.relative_to(ROOT)
    except ValueError:
        abort(404)
    return {"text": full.read_text()}


@app.get("/parent")
def parent():
    full = (ROOT / request.args["name"]).resolve()
    if full.parent != ROOT:
        abort(404)
    return {"text": full.read_text()}


@app.get("/directory")
def directory():
    full = os.path.realpath(os.path.join(BASE, request.args["name"]))
    if os.path.dirname(full) != BASE:
        abort(404)
    with open(full) as file:
        return {"text": file.read()}


@app.get("/compared-with-false")
def compared_with_false():
    full = os.path.realpath(os.path.join(BASE, request.args["name"]))
    if full.startswith(BASE + os.sep) is False:
        abort(404)
    with open(full) as file:
        return {"text": file.read()}


@app.get("/parts")
def parts():
    name = request.args["name"]
    if Path(name).is_absolute() or ".." in Path(name).parts:
        abort(404)
    with open(os.path.join(BASE, name)) as file:
        return {"text": file.read()}
