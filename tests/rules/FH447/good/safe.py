# engine: code
import json
import pickle

import yaml
from flask import Flask, request

app = Flask(__name__)


@app.get("/")
def index():
    return {"state": json.loads(request.cookies["state"])}


@app.post("/settings")
def settings():
    return {"settings": yaml.load(request.data, Loader=yaml.SafeLoader), "more": yaml.safe_load(request.data)}


@app.post("/profile")
def profile():
    given = request.get_json()
    copied = pickle.loads(pickle.dumps(given, pickle.HIGHEST_PROTOCOL))
    return {"same": copied == given}
