from flask import Flask, make_response

app = Flask(__name__)


@app.get("/")
def index():
    response = make_response("notes")
    response.set_cookie("language", "de", secure=True, samesite="Lax")
    return response
