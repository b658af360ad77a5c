from flask import Flask, redirect, session

app = Flask(__name__)


@app.get("/admin/")
def admin():
    if "admin" not in session:
        return redirect("/admin/login")
    return "<h1>All people</h1>"


@app.get("/admin/login")
def login():
    return "<form method=post><input type=password name=pw></form>"
