# engine: code
"""Moves money between accounts, forwards only."""

from decimal import Decimal

from flask import Flask, request

from accounts import find, store

app = Flask(__name__)


@app.post("/move")
def move():
    amount = Decimal(request.form["amount"])
    sender, receiver = find(request.form["from"]), find(request.form["to"])
    if not 0 < amount <= sender.balance:
        return "not enough", 400
    sender.balance -= amount
    receiver.balance += amount
    store(sender, receiver)
    return "moved"


@app.post("/visit")
def visit():
    member = find(request.form["member"])
    member.points += 1
    member.name = request.form["name"]
    store(member)
    return "welcome"
