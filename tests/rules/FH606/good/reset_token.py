from flask import Flask

app = Flask(__name__)


@app.route("/reset-password/<token>", methods=["GET", "POST"])
def reset(token):
    return "choose a new one"
