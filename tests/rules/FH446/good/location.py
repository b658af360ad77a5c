# engine: code
from flask import Flask, Response, request

app = Flask(__name__)


@app.get("/go")
def go():
    response = Response(status=302)
    response.headers["Location"] = "/notes/" + request.args["note"]
    return response
