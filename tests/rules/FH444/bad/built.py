# engine: code
from flask import Flask, render_template_string, request
from jinja2 import Template

app = Flask(__name__)


@app.get("/hello")
def hello():
    return render_template_string("<p>Hello, %s" % request.args["name"])  # finds: FH444


@app.get("/mail")
def mail():
    return {"text": Template(request.args["text"]).render(name="Ada")}  # finds: FH444


@app.errorhandler(404)
def missing(error):
    return render_template_string(f"<p>{request.url} is not here"), 404  # finds: FH444
