# engine: code
"""Greets people in their own words."""

from flask import Flask, request

app = Flask(__name__)


class Guest:
    name = "guest"


@app.get("/greet")
def greet():
    words = request.args["words"]
    return {"text": words.format(Guest())}  # finds: FH467
