from flask import Flask, request
from markupsafe import escape

app = Flask(__name__)


@app.errorhandler(404)
def missing(error):
    return f"<h1>Nothing at {escape(request.path)}</h1>", 404
