# engine: code
from urllib.parse import urlparse

import requests
from flask import Flask, abort, request

app = Flask(__name__)
HOSTS = {"api.lab.example", "img.lab.example"}


@app.get("/person")
def person():
    return {"text": requests.get(f"https://api.lab.example/people/{request.args['id']}", timeout=5).text}


@app.get("/preview")
def preview():
    url = request.args["url"]
    if urlparse(url).hostname not in HOSTS:
        abort(400)
    return {"text": requests.get(url, timeout=5).text}


@app.get("/drawing/<kind>")
def drawing(kind):
    page = request.args.get("page")
    address = "{}/drawings.{}{}".format(app.config["DRAWINGS"], kind, f"?page={page}" if page else "")
    return {"text": requests.get(address, timeout=5).text}


@app.get("/sheet/<kind>")
def sheet(kind):
    path = {"plan": "/plan", "map": "/map"}[kind]
    address = app.config["DRAWINGS"] + path + f"?page={request.args['page']}"
    return {"text": requests.get(address, timeout=5).text}
