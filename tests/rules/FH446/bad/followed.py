# engine: code
from flask import Flask, redirect, request

app = Flask(__name__)


@app.get("/next")
def follow():
    return redirect(request.args.get("next") or "/")  # finds: FH446


@app.get("/back")
def back():
    return redirect("https://" + request.args["host"] + "/")  # finds: FH446


@app.get("/mirror")
def mirror():
    return redirect(request.args["mirror"] + "?from=lab")  # finds: FH446
