# engine: code
"""Moves money between accounts."""

from decimal import Decimal

from flask import Flask, request

from accounts import find, store

app = Flask(__name__)


@app.post("/move")
def move():  # finds: FH468
    amount = Decimal(request.form["amount"])
    sender, receiver = find(request.form["from"]), find(request.form["to"])
    if sender.balance < amount:
        return "not enough", 400
    sender.balance -= amount
    receiver.balance = receiver.balance + amount
    store(sender, receiver)
    return "moved"
