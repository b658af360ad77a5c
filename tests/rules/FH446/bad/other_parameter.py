# engine: code
from flask import Flask, redirect, request

app = Flask(__name__)


@app.get("/leave")
def leave():
    to = request.args.get("to")
    if not to:
        to = request.args.get("url", "/")
    return redirect(to)  # finds: FH446
