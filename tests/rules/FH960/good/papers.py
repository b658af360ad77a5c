# engine: code
"""Papers that members hand in, as PDF."""

import os

from flask import Flask, abort, request
from werkzeug.utils import secure_filename

app = Flask(__name__)


def is_pdf(file):
    return file.stream.read(5) == b"%PDF-"


@app.post("/papers")
def papers():
    paper = request.files["paper"]
    if not secure_filename(paper.filename).endswith(".pdf") or not is_pdf(paper):
        abort(415)
    paper.stream.seek(0)
    paper.save(os.path.join("/srv/papers", secure_filename(paper.filename)))
    return "thank you", 201
