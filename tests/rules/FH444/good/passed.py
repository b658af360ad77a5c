# engine: code
from flask import Flask, render_template_string, request

app = Flask(__name__)


@app.get("/hello")
def hello():
    return render_template_string("<p>Hello, {{ name }}", name=request.args["name"])


@app.errorhandler(404)
def missing(error):
    return render_template_string("<p>{{ url }} is not here", url=request.url), 404
