# engine: code
"""Codes that are sent by mail, made before anything is done with them."""

import random
import string

from flask import Flask, request

app = Flask(__name__)
SENT = {}


def generate_code(length):
    digits = [random.choice(string.digits) for _ in range(length)]
    return "".join(digits)  # finds: FH251


@app.post("/forgot")
def forgot():
    reset_token = ""
    for _ in range(20):
        reset_token += random.choice(string.ascii_letters)  # finds: FH251
    SENT[request.form["address"]] = reset_token
    return {}


@app.post("/confirm")
def confirm():
    SENT[request.form["address"]] = generate_code(6)
    return {}
