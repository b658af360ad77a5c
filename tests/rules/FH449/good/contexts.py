# engine: code
from flask import Flask, render_template_string, request

app = Flask(__name__)


@app.get("/script")
def script():
    return render_template_string("<script>let wanted = {{ wanted|tojson }};</script>", wanted=request.args["wanted"])


@app.get("/attribute")
def attribute():
    return render_template_string("<input value='{{ wanted }}'>", wanted=request.args["wanted"])


@app.get("/link")
def link():
    return render_template_string("<a href='/page/{{ name }}'>{{ name }}</a>", name=request.args["name"])


@app.get("/form")
def form():
    return render_template_string("<form method=post action='{{ request.url }}'></form>")
