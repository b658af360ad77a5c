from flask import Flask, session

app = Flask(__name__)
app.config.update(SESSION_COOKIE_SECURE=True)


@app.get("/")
def index():
    return session.get("name", "nobody")
