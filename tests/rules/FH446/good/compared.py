# engine: code
from urllib.parse import urljoin, urlparse, urlsplit

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


def leads_home(target):
    there = urlparse(urljoin(request.host_url, target))
    return there.scheme in ("http", "https") and there.netloc == urlparse(request.host_url).netloc


@app.post("/enter")
def enter():
    if request.args.get("next") and leads_home(request.args.get("next")):
        return redirect(request.args["next"])
    return redirect("/")
