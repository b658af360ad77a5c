# engine: code
"""The ways in which applications keep a redirect on their own host."""

import re
from urllib.parse import urljoin, urlparse, urlsplit, urlunsplit, urlunparse
from flask import Flask, abort, redirect, request, url_for

app = Flask(__name__)
HOSTS = {"shop.example"}


def allowed(url, hosts=None):
    if not url:
        return False
    if url.startswith("///"):
        return False
    parsed = urlparse(url)
    if not parsed.netloc and parsed.scheme:
        return False
    scheme = parsed.scheme
    if not parsed.scheme and parsed.netloc:
        scheme = "http"
    return (not parsed.netloc or parsed.netloc in hosts) and (not scheme or scheme in ("http", "https"))


def own(url):
    if urlparse(urljoin(request.host_url, url)).netloc != request.host:
        raise ValueError("elsewhere")
    return url


@app.get("/one-slash")
def one_slash():
    target = request.args.get("next", "/")
    if not target.startswith("/") or target.startswith("//"):
        target = "/"
    return redirect(target)


@app.get("/helper")
def helper():
    target = request.args.get("next", "/")
    if not allowed(target, {request.host}):
        target = "/"
    return redirect(target)


@app.get("/same-host")
def same_host():
    target = request.args.get("next", "/")
    if urlparse(target).netloc != request.host:
        abort(400)
    return redirect(target)


@app.get("/no-host")
def no_host():
    target = request.args.get("next", "/")
    parts = urlparse(target)
    if parts.scheme or parts.netloc:
        target = "/"
    return redirect(target)


@app.get("/listed")
def listed():
    target = request.args.get("next")
    if target not in (url_for("one_slash"), url_for("helper")):
        target = url_for("one_slash")
    return redirect(target)


@app.get("/endpoint")
def endpoint():
    return redirect(url_for(request.args["next"]))


@app.get("/joined")
def joined():
    target = urljoin(request.host_url, request.args.get("next"))
    if not target.startswith(request.host_url):
        abort(400)
    return redirect(target)


@app.get("/emptied")
def emptied():
    parts = list(urlsplit(request.args.get("next")))
    parts[0] = ""
    parts[1] = ""
    return redirect(urlunsplit(parts))


@app.get("/pattern")
def pattern():
    target = request.args.get("next")
    if not re.match(r"^/[^/\\]", target):
        target = "/"
    return redirect(target)


@app.get("/raised")
def raised():
    return redirect(own(request.args["next"]))


@app.get("/replaced")
def replaced():
    parts = urlparse(request.args["next"])
    return redirect(parts._replace(netloc="", scheme="").geturl())


@app.get("/known-host")
def known_host():
    parts = urlparse(request.args["next"])
    if parts.hostname not in HOSTS:
        abort(400)
    return redirect(request.args["next"])


@app.get("/host-or-none")
def host_or_none():
    target = request.args["next"]
    parts = urlparse(target)
    if parts.netloc and parts.netloc != urlparse(request.url_root).netloc:
        abort(400)
    return redirect(target)


@app.get("/put-together")
def put_together():
    scheme, netloc, path, _, query, _ = urlparse(request.args["next"])
    return redirect(urlunparse(("", "", path, "", query, "")))


@app.get("/no-scheme")
def no_scheme():
    target = request.args["next"]
    if "://" in target or target.startswith("//"):
        abort(400)
    return redirect(target)


@app.get("/characters")
def characters():
    target = request.args["next"]
    if target[0] != "/" or target[1:2] in ("/", "\\"):
        abort(400)
    return redirect(target)


@app.get("/stripped")
def stripped():
    return redirect("/" + request.args["next"].lstrip("/"))


@app.get("/one-of-paths")
def one_of_paths():
    target = request.args["next"]
    if url_is_local(target):
        return redirect(target)
    return redirect("/")


def url_is_local(target):
    parsed = urlparse(target)
    return parsed.scheme == "" and parsed.netloc == "" and parsed.path in [url_for("one_slash")]
