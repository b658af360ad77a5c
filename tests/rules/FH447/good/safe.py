# engine: code
import json

import yaml
from flask import Flask, request

app = Flask(__name__)


@app.get("/")
def index():
    return {"state": json.loads(request.cookies["state"])}


@app.post("/settings")
def settings():
    return {"settings": yaml.load(request.data, Loader=yaml.SafeLoader), "more": yaml.safe_load(request.data)}
