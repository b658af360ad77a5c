# engine: code
from urllib.parse import urlsplit

from flask import Flask, abort, redirect, request, url_for

app = Flask(__name__)


@app.get("/next")
def follow():
    target = request.args.get("next", "/")
    if urlsplit(target).netloc != "":
        abort(400)
    return redirect(target)


@app.get("/profile")
def profile():
    return redirect(url_for("page", name=request.args["name"]))


@app.get("/page/<name>")
def page(name):
    return redirect(f"https://lab.example/people/{name}")
