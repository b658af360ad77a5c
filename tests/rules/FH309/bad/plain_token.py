from flask import Flask, make_response

app = Flask(__name__)


@app.get("/")
def index():
    response = make_response("notes")
    response.set_cookie("auth_token", "abc")  # finds: FH309
    return response
