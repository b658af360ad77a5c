# engine: code
"""Answers to sites of its own."""

from flask import Flask, request
from flask_cors import CORS

app = Flask(__name__)
CORS(app, origins=["https://shop.example"], supports_credentials=True)
FRIENDS = {"https://one.example", "https://two.example"}


@app.after_request
def allow(response):
    origin = request.headers.get("Origin")
    if origin in FRIENDS:
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Allow-Credentials"] = "true"
    return response
