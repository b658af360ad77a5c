# engine: code
"""The target's host is compared with the application's own, in the ways that applications write it."""

from urllib.parse import urljoin, urlparse

from flask import Flask, abort, redirect, request, url_for

app = Flask(__name__)


def is_own(target):
    here = urlparse(request.host_url)
    there = urlparse(urljoin(request.host_url, target))
    return there.scheme in ("http", "https") and here.netloc == there.netloc


def own_or_home(target, schemes=("http", "https")):
    if target:
        there = urlparse(urljoin(request.host_url, target))
        if there.scheme in schemes and there.netloc == urlparse(request.host_url).netloc:
            return target
    return url_for("asked")


@app.get("/asked")
def asked():
    target = request.args.get("next")
    if target and is_own(target):
        return redirect(target)
    return redirect("/")


@app.get("/refused")
def refused():
    target = request.args.get("next")
    if not is_own(target):
        return abort(400)
    return redirect(target or url_for("asked"))


@app.get("/chosen")
def chosen():
    return redirect(own_or_home(request.args.get("next")))


@app.get("/relative")
def relative():
    target = request.args.get("next")
    if not target or urlparse(target).netloc != "":
        target = url_for("asked")
    return redirect(target)


@app.get("/parts")
def parts():
    there = urlparse(request.args.get("next"))
    if there.scheme or there.netloc:
        abort(400)
    return redirect(there.geturl())


@app.get("/listed")
def listed():
    target = request.args.get("next")
    if urlparse(target).netloc not in ("", request.host):
        abort(400)
    return redirect(target)


@app.get("/again")
def again():
    return redirect(request.url)


@app.get("/back")
def back():
    return redirect(request.referrer or "/")


@app.get("/confirm")
def confirm():
    back = request.args.get("next", url_for("page", name="me"))
    return redirect(url_for("enter") + "?next=" + back)
