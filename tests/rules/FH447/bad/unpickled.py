# engine: code
import base64
import pickle

import yaml
from flask import Flask, request

app = Flask(__name__)


@app.get("/")
def index():
    state = base64.b64decode(request.cookies["state"])
    return {"state": pickle.loads(state)}  # finds: FH447


@app.post("/settings")
def settings():
    return {"settings": yaml.load(request.data, Loader=yaml.Loader)}  # finds: FH447
