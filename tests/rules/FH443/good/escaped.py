# engine: code
from flask import Flask, jsonify, make_response, render_template_string, request
from markupsafe import Markup, escape

app = Flask(__name__)


@app.get("/hello")
def hello():
    return f"<p>Hello, {escape(request.args['name'])}"


@app.get("/json")
def json():
    return jsonify(name=request.args["name"])


@app.get("/dict")
def plain():
    return {"name": request.args["name"]}


@app.get("/text")
def text():
    response = make_response("kept")
    response.headers["X-Name"] = "fixed"
    return response


@app.get("/template")
def template():
    return render_template_string("<p title='{{ note }}'>{{ note }}", note=request.args["note"])


@app.get("/marked")
def marked():
    return render_template_string("{{ note }}", note=Markup("<b>{}</b>").format(request.args["note"]))
