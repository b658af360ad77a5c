from flask import Flask, request

app = Flask(__name__)


@app.errorhandler(404)
def missing(error):  # finds: FH406
    return "<h1>Nothing at " + request.path + "</h1>", 404
