# engine: code
from flask import Flask, Response, request

app = Flask(__name__)


@app.get("/")
def index():
    return Response("title: %s" % request.args["title"], mimetype="text/plain")
