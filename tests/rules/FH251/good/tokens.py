# engine: code
import random
import secrets

from flask import Flask, make_response

app = Flask(__name__)


@app.post("/remember")
def remember():
    response = make_response("remembered")
    response.set_cookie("remember", secrets.token_urlsafe(32))
    return response


@app.post("/system")
def system():
    response = make_response("remembered")
    response.set_cookie("remember", str(random.SystemRandom().getrandbits(128)))
    return response


@app.get("/colour")
def colour():
    return {"colour": random.choice(["red", "green"])}
