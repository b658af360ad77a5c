# engine: code
"""Answers to every site that asks."""

from flask import Flask, request
from flask_cors import CORS

app = Flask(__name__)
CORS(app, supports_credentials=True)  # finds: FH505


@app.after_request
def allow(response):
    origin = request.headers.get("Origin")
    if origin:
        response.headers["Access-Control-Allow-Origin"] = origin  # finds: FH505
        response.headers["Access-Control-Allow-Credentials"] = "true"
    return response
