from flask import Flask, request

app = Flask(__name__)


@app.post("/api/notes")
def add():
    if request.headers.get("Authorization") != "Bearer of something":
        return {"error": "who are you?"}, 401
    return {"id": 1}, 201
