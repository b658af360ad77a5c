# engine: code
"""Numbers that may be guessed, and tokens that may not."""

import random
import secrets

from flask import Flask, request

app = Flask(__name__)
SENT = {}


def generate_code(length):
    return "".join(secrets.choice("0123456789") for _ in range(length))


@app.get("/dice")
def dice():
    side = random.randint(1, 6)
    return {"side": side}


@app.post("/forgot")
def forgot():
    reset_token = secrets.token_urlsafe()
    SENT[request.form["address"]] = reset_token
    return {"tip": random.choice(["look in your mail", "look in the spam folder"])}
