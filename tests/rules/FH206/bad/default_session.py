# finds: FH206
import secrets

from flask import Flask, session

app = Flask(__name__)
app.secret_key = secrets.token_hex(32)


@app.get("/name")
def name():
    return session.get("name", "nobody")
