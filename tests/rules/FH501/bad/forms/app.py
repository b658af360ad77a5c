# engine: code
import sqlite3

from flask import Blueprint, Flask, redirect, render_template, request, session

notes = Blueprint("notes", __name__)


def db():
    return sqlite3.connect("lab.db")


@notes.get("/")
def index():
    return render_template("notes.html", person=session["person"])


@notes.post("/")
def add():
    connection = db()
    connection.execute("INSERT INTO note VALUES (?, ?)", (session["person"], request.form["text"]))
    connection.commit()
    return redirect("/notes/")


@notes.post("/<int:number>/delete")
def delete(number):  # finds: FH501
    connection = db()
    connection.execute("DELETE FROM note WHERE id = ? AND person = ?", (number, session["person"]))
    connection.commit()
    return redirect("/notes/")


@notes.post("/clear")
def clear():
    connection = db()
    connection.execute("DELETE FROM note WHERE person = ?", (session["person"],))
    connection.commit()
    return redirect("/notes/")


@notes.post("/search")
def search():  # reads only
    found = db().execute("SELECT * FROM note WHERE person = ? AND text = ?", (session["person"], request.form["text"]))
    return render_template("notes.html", person=session["person"], notes=found.fetchall())


@notes.post("/api")
def api():  # JSON is not sent across sites without asking first
    connection = db()
    connection.execute("INSERT INTO note VALUES (?, ?)", (session["person"], request.get_json()["text"]))
    connection.commit()
    return {}


app = Flask(__name__)
app.register_blueprint(notes, url_prefix="/notes")
