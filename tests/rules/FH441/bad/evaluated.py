# engine: code
from flask import Flask, request

app = Flask(__name__)


@app.post("/sum")
def total():
    terms = request.get_json()["terms"]
    return {"sum": eval(terms)}  # finds: FH441


@app.post("/run")
def run():
    lines = request.form.getlist("line")
    exec("\n".join(lines))  # finds: FH441
    return {}
