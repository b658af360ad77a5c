# engine: code
"""Greets people in our words."""

from string import Template

from flask import Flask, request

app = Flask(__name__)


@app.get("/greet")
def greet():
    name = request.args["name"]
    text = Template(request.args["words"]).safe_substitute(name=name)
    return {"text": "{}, {}".format(name, text)}
