# engine: code
import ast
import operator

from flask import Flask, request

app = Flask(__name__)


KNOWN = {"add": operator.add, "mul": operator.mul}


@app.post("/sum")
def total():
    return {"sum": sum(ast.literal_eval(request.get_json()["terms"]))}


@app.post("/apply")
def apply():
    return {"result": KNOWN[request.form["name"]](1, 2)}


@app.post("/number")
def number():
    return {"number": eval(str(int(request.form["number"])))}
