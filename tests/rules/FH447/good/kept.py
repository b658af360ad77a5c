# engine: code
"""What is kept under a visitor's number is not the number; a copy by way of bytes is a copy."""

import pickle

from cachelib import FileSystemCache
from flask import Flask, request

app = Flask(__name__)
kept = FileSystemCache("sessions")


def copied(thing):
    return pickle.loads(pickle.dumps(thing, pickle.HIGHEST_PROTOCOL))


@app.get("/cart")
def cart():
    data = kept.get(request.cookies.get("cart"))
    return {"things": len(pickle.loads(data)) if data else 0}


@app.post("/profile")
def profile():
    sent = request.get_json()
    merged = dict(sent) if sent.get("all") else {"name": sent["name"], "more": [sent["town"]]}
    return {"length": len(copied(merged))}
