from flask import Flask, redirect

app = Flask(__name__)
NOTES = {1: "milk"}


@app.get("/notes/<int:number>/delete")
def ask(number):
    return f"<form method=post><button>Delete {NOTES[number]}?</button></form>"


@app.post("/notes/<int:number>/delete")
def delete(number):
    NOTES.pop(number, None)
    return redirect("/")


@app.get("/archive/<int:year>")
def archive(year):
    return f"notes of {year}"


@app.get("/newsletter/cancel/<token>")
def cancel(token):
    db.session.delete(db.session.get(Reader, token))
    db.session.commit()
    return "cancelled"
