# engine: code
import sqlite3

from flask import Flask, request

app = Flask(__name__)


@app.post("/join")
def join():
    with sqlite3.connect("club.db") as club:
        club.execute("INSERT INTO members (name, pw) VALUES (?, ?)", (request.form["name"], request.form["password"]))  # finds: FH660
    return "", 201
