# engine: code
import hashlib
import random

from flask import Flask, make_response, request, session

app = Flask(__name__)
REMEMBERED = {}


@app.post("/remember")
def remember():
    response = make_response("remembered")
    response.set_cookie("remember", str(random.getrandbits(64)))  # finds: FH251
    return response


@app.post("/code")
def code():
    session["code"] = "".join(random.choice("0123456789") for _ in range(6))  # finds: FH251
    return {}


@app.post("/key")
def key():
    return {"key": hashlib.sha256(str(random.random()).encode()).hexdigest()}  # finds: FH251


@app.get("/back")
def back():
    if request.cookies.get("key") == REMEMBERED.get("key"):  # finds: FH251
        return {"welcome": True}
    REMEMBERED["key"] = str(random.random())
    return {}
