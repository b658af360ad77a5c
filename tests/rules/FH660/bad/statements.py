# engine: code
import sqlite3

from flask import Flask, request

app = Flask(__name__)


@app.post("/join")
def join():
    database = sqlite3.connect("club.db")
    database.execute("INSERT INTO members (name, password) VALUES (?, ?)", (request.form["name"], request.form["password"]))  # finds: FH660
    database.commit()
    return "", 201
