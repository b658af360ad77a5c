# engine: code
import os

from flask import Flask, request

app = Flask(__name__)


@app.post("/pictures")
def keep():
    sent = request.files["picture"]
    first = sent.filename.rsplit(".", 1)[0]
    sent.save(os.path.join("pictures", first + ".png"))  # finds: FH442
    return "", 201
