# engine: code
"""The host is the program's own in each of the addresses that may come of it."""

import requests
from flask import Flask, current_app, request

app = Flask(__name__)


@app.get("/preview")
def preview():
    page = request.args.get("page")
    path = "/letter.png" if request.args.get("kind") == "png" else "/letter.pdf"
    query = f"?page={page}" if page else ""
    return requests.get(current_app.config["PREVIEW"] + path + query, timeout=5).content
