# engine: code
import re

from flask import Flask, request
from jinja2 import Environment, FileSystemLoader, Template, select_autoescape

app = Flask(__name__)
pages = Environment(loader=FileSystemLoader("pages"), autoescape=select_autoescape())


@app.get("/page")
def page():
    return pages.get_template("page.html").render(name=request.args["name"])


@app.get("/greeting")
def greeting():
    return Template("<p>Hello {{ name }}</p>", autoescape=True).render(name=request.args["name"])


@app.get("/own")
def own():
    return app.jinja_env.get_template("page.html").render(name=request.args["name"])


@app.get("/matches")
def matches():
    return str(bool(re.match("[a-z]+:", request.args["name"])))
