# engine: code
"""Papers that members hand in."""

import os

from flask import Flask, request
from werkzeug.utils import secure_filename

app = Flask(__name__)


@app.route("/papers", methods=["GET", "POST"])
def papers():  # finds: FH960
    if request.method == "POST":
        paper = request.files["paper"]
        paper.save(os.path.join("/srv/papers", secure_filename(paper.filename)))
        return "thank you", 201
    return "hand in"
