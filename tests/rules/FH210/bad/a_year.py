from datetime import timedelta

from flask import Flask, session

app = Flask(__name__)
app.permanent_session_lifetime = timedelta(days=365)  # finds: FH210


@app.get("/")
def index():
    session.permanent = True
    return session.get("name", "nobody")
