# finds: FH403
from flask import Flask, render_template, request

app = Flask(__name__)


@app.get("/hello")
def hello():
    return render_template("hello.html.j2", name=request.args.get("name"))
