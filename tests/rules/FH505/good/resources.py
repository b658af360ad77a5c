# engine: code
from flask import Flask
from flask_cors import CORS

app = Flask(__name__)
CORS(app, resources={r"/api/*": {"origins": ["https://lab.example"]}}, supports_credentials=True)
CORS(app, resources={r"/open/*": {"origins": "*"}})
