# engine: code
"""One of several keys, a serial number, a riddle: none of them is a secret that was drawn."""

import random
import string

from flask import Flask, session

app = Flask(__name__)
app.config["KEYS"] = []


class Device:
    def __init__(self, serial):
        self.serial = serial


def lookup(api_keys):
    api_key = random.choice(api_keys)
    return {"Authorization": f"Bearer {api_key}"}


@app.post("/devices")
def add():
    token = Device("".join(random.choice(string.ascii_uppercase) for _ in range(8)))
    return {"serial": token.serial}, 201
