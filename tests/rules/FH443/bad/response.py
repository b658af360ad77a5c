# engine: code
from flask import Flask, Response, request

app = Flask(__name__)


@app.get("/")
def index():
    return Response("<h1>%s</h1>" % request.args["title"], mimetype="text/html")  # finds: FH443
