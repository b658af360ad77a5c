from flask import Flask, session

app = Flask(__name__)
app.config["SESSION_COOKIE_SAMESITE"] = "None"  # finds: FH307


@app.get("/")
def index():
    return session.get("name", "nobody")
