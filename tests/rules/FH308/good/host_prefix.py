from flask import Flask, session

app = Flask(__name__)
app.config["SESSION_COOKIE_NAME"] = "__Host-notes"
app.config["SESSION_COOKIE_SECURE"] = True


@app.get("/")
def index():
    return session.get("name", "nobody")
