# engine: code
from flask import Flask, request, session
from flask_cors import CORS

app = Flask(__name__)
CORS(app)  # finds: FH506


@app.after_request
def open_to_all(response):
    response.headers["Access-Control-Allow-Origin"] = "*"  # finds: FH506
    return response


@app.post("/login")
def login():
    session["person"] = request.form["person"]
    return "welcome"
