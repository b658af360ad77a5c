# engine: code
from flask import Flask, Response, request

app = Flask(__name__)


@app.get("/echo")
def echo():
    return Response(request.args["text"], mimetype="text/plain")


@app.get("/lines")
def lines():
    return Response(request.args["text"], 200, {}, "text/csv")
