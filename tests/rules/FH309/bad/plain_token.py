# finds: FH309
from flask import Flask, make_response

app = Flask(__name__)


@app.get("/")
def index():
    response = make_response("notes")
    response.set_cookie("auth_token", "abc")
    return response
