# engine: code
from flask import Flask, request
from jinja2 import Environment, FileSystemLoader, Template

app = Flask(__name__)
pages = Environment(loader=FileSystemLoader("pages"))


@app.get("/page")
def page():
    return pages.get_template("page.html").render(name=request.args["name"])  # finds: FH443


@app.get("/greeting")
def greeting():
    return Template("<p>Hello {{ name }}</p>").render(name=request.args["name"])  # finds: FH443
