# engine: code
import os
import shutil
import tarfile
import zipfile

from flask import Flask, abort, request
from werkzeug.utils import secure_filename

app = Flask(__name__)


@app.post("/tar")
def tar():
    with tarfile.open(fileobj=request.files["archive"].stream) as archive:
        archive.extractall("/srv/in", filter="data")
    return "ok"


@app.post("/zip")
def whole():
    with zipfile.ZipFile(request.files["archive"]) as archive:
        archive.extractall("/srv/in")
    return "ok"


@app.post("/members")
def members():
    with zipfile.ZipFile(request.files["archive"]) as archive:
        for name in archive.namelist():
            target = os.path.realpath(os.path.join("/srv/in", name))
            if not target.startswith("/srv/in/"):
                abort(400)
            with open(target, "wb") as out:
                out.write(archive.read(name))
            with open(os.path.join("/srv/in", secure_filename(name)), "wb") as out:
                out.write(archive.read(name))
    return {"names": archive.namelist()}


def unpack():
    shutil.unpack_archive("/srv/fonts.zip", "/srv/in")
    tarfile.open("/srv/fonts.tar").extractall("/srv/in", filter=tarfile.data_filter)
