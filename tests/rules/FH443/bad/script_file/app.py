# engine: code
from flask import Flask, make_response, render_template, request

app = Flask(__name__)


@app.get("/settings.js")
def settings():
    text = render_template("settings.js", layout=request.args["layout"], theme=request.args["theme"])
    return make_response(text, 200, {"Content-Type": "application/javascript"})
