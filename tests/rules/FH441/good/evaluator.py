# engine: code
import js2py
import pandas
from flask import Flask, request

js2py.disable_pyimport()
app = Flask(__name__)
RATES = pandas.read_csv("rates.csv")


@app.post("/decode")
def decode():
    return {"text": js2py.eval_js(request.form["script"])}


@app.get("/rates")
def rates():
    return RATES[RATES.year == int(request.args["year"])].to_json()
