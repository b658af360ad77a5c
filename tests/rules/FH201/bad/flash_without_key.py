# finds: FH201
from flask import Flask, flash, redirect

app = Flask(__name__)


@app.post("/save")
def save():
    flash("Saved.")
    return redirect("/")
