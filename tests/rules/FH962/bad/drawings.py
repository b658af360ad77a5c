import os

from flask import Flask, abort, jsonify, request

app = Flask(__name__, static_folder="static")
ALLOWED = {"png", "jpg", "svg"}


@app.post("/avatar")  # finds: FH962
def avatar():
    file = request.files["picture"]
    if file.filename.rsplit(".", 1)[-1].lower() not in ALLOWED:
        abort(400)
    folder = os.path.join(app.static_folder, "avatars")
    os.makedirs(folder, exist_ok=True)
    name = os.path.basename(file.filename)
    file.save(os.path.join(folder, name))
    return jsonify(url=f"/static/avatars/{name}")
