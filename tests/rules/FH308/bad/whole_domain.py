from flask import Flask, session

app = Flask(__name__)
app.config["SESSION_COOKIE_DOMAIN"] = ".notes.example"  # finds: FH308


@app.get("/")
def index():
    return session.get("name", "nobody")
