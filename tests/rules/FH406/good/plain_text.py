from flask import Flask, request

app = Flask(__name__)


@app.errorhandler(404)
def missing(error):
    return f"nothing at {request.path}", 404, {"Content-Type": "text/plain"}
