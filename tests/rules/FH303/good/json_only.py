from flask import Flask

app = Flask(__name__)


@app.errorhandler(404)
def missing(error):
    return {"error": "there is no such thing"}, 404


@app.get("/api/notes")
def notes():
    return {"notes": []}
