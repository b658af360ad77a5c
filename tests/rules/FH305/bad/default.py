# finds: FH305
from flask import Flask, session

app = Flask(__name__)


@app.get("/")
def index():
    return session.get("name", "nobody")
