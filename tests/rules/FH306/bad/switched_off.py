from flask import Flask, session

app = Flask(__name__)
app.config.from_mapping(SESSION_COOKIE_HTTPONLY=False)  # finds: FH306


@app.get("/")
def index():
    return session.get("name", "nobody")
