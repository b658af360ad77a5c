from flask import Flask, redirect, session

app = Flask(__name__)
NOTES = {1: "milk"}


@app.route("/notes/<int:number>/remove")
def remove_note(number):  # finds: FH504
    NOTES.pop(number, None)
    return redirect("/")


@app.route("/logout")
def logout():  # finds: FH504
    session.clear()
    return redirect("/")
