from flask import Flask, url_for

app = Flask(__name__)


@app.get("/")
def index():
    return f'<script src="{url_for("static", filename="jquery.min.js")}"></script>'
