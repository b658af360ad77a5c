# engine: code
from flask import Flask, make_response, render_template_string, request
from markupsafe import Markup

app = Flask(__name__)


@app.get("/hello")
def hello():
    return "<p>Hello, " + request.args["name"]  # finds: FH443


@app.get("/answer")
def answer():
    return make_response(f"<p>{request.cookies.get('theme')}")  # finds: FH443


@app.get("/marked")
def marked():
    note = Markup("<b>%s</b>" % request.args["note"])  # finds: FH443
    return render_template_string("{{ note }}", note=note)


@app.get("/template")
def template():
    return render_template_string("<p>{{ note|safe }}", note=request.args["note"])  # finds: FH443
