# engine: code
from flask import Flask
from flask_cors import CORS

app = Flask(__name__)
CORS(app, origins=["https://lab.example"])
CORS(app, resources={r"/open/*": {"origins": "*"}})


@app.after_request
def named(response):
    response.headers["Access-Control-Allow-Origin"] = "https://lab.example"
    return response
