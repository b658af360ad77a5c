# engine: code
from flask import Flask, render_template
from shop import things

app = Flask(__name__)


@app.get("/")
def index():
    return render_template("index.html", things=things())
