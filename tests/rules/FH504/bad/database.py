# engine: code
import sqlite3

from flask import Flask, redirect, session

app = Flask(__name__)


@app.get("/notes/<int:number>/delete")
def delete(number):  # finds: FH504
    connection = sqlite3.connect("lab.db")
    connection.execute("DELETE FROM note WHERE id = ? AND person = ?", (number, session["person"]))
    connection.commit()
    return redirect("/")


@app.get("/notes/<int:number>")
def show(number):
    connection = sqlite3.connect("lab.db")
    connection.execute("UPDATE note SET views = views + 1 WHERE id = ?", (number,))
    connection.commit()
    return "a note"
