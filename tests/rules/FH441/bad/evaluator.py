# engine: code
import js2py
import pandas
from flask import Flask, request

app = Flask(__name__)
RATES = pandas.read_csv("rates.csv")


@app.post("/decode")
def decode():
    return {"text": js2py.eval_js(request.form["script"])}  # finds: FH441


@app.get("/rates")
def rates():
    return RATES.query(request.args["where"]).to_json()  # finds: FH441
