# engine: code
"""An address that is only looked at when there is one."""

from urllib.parse import urljoin, urlparse

from flask import Flask, abort, redirect, request, url_for

app = Flask(__name__)


def ours(address):
    here = urlparse(request.host_url)
    there = urlparse(urljoin(request.host_url, address))
    return there.scheme in ("http", "https") and here.netloc == there.netloc


@app.get("/")
def index():
    return "welcome"


@app.post("/login")
def login():
    after = request.args.get("next")
    if after and not ours(after):
        after = None
    return redirect(after or url_for("index"))


@app.post("/logout")
def logout():
    after = request.args.get("next")
    if after and not ours(after):
        abort(400)
    return redirect(after or url_for("index"))
