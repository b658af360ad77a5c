# engine: code
"""A check of the scheme says nothing about the host."""

from urllib.parse import urlparse

from flask import Flask, redirect, request

app = Flask(__name__)


@app.get("/next")
def follow():
    target = request.args.get("next")
    if urlparse(target).scheme in ("http", "https"):
        return redirect(target)  # finds: FH446
    return redirect("/")
