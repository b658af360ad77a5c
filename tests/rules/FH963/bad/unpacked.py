# engine: code
import os
import shutil
import tarfile
import zipfile

from flask import Flask, request

app = Flask(__name__)


@app.post("/tar")
def tar():
    upload = request.files["archive"]
    with tarfile.open(fileobj=upload.stream) as archive:
        archive.extractall("/srv/in")  # finds: FH963
    return "ok"


@app.post("/members")
def members():
    with zipfile.ZipFile(request.files["archive"]) as archive:
        for name in archive.namelist():
            with open(os.path.join("/srv/in", name), "wb") as out:  # finds: FH963
                out.write(archive.read(name))
    return "ok"


def restore(path):
    tarfile.open(path).extractall("/srv/app")  # finds: FH963


def unpack(path):
    shutil.unpack_archive(path, "/srv/in")  # finds: FH963
