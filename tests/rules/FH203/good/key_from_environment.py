import os
import secrets

from flask import Flask, session

app = Flask(__name__)
app.secret_key = os.environ.get("NOTES_KEY") or secrets.token_hex(32)


@app.get("/")
def index():
    return session.get("name", "nobody")
