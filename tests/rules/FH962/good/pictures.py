import os
import secrets

from flask import Flask, abort, jsonify, request, send_from_directory

app = Flask(__name__)
ALLOWED = {"png": "image/png", "jpg": "image/jpeg"}


@app.post("/avatar")
def avatar():
    file = request.files["picture"]
    extension = file.filename.rsplit(".", 1)[-1].lower()
    if extension not in ALLOWED:
        abort(400)
    folder = os.path.join(app.root_path, "avatars")
    os.makedirs(folder, exist_ok=True)
    name = f"{secrets.token_hex(8)}.{extension}"
    file.save(os.path.join(folder, name))
    return jsonify(url=f"/avatars/{name}")


@app.get("/avatars/<name>")
def show(name):
    kind = ALLOWED.get(name.rsplit(".", 1)[-1]) or abort(404)
    answer = send_from_directory(os.path.join(app.root_path, "avatars"), name, mimetype=kind)
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer
