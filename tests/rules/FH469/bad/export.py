# engine: code
import csv
import io
import sqlite3

from flask import Flask, Response, request

app = Flask(__name__)


@app.post("/echo")
def echo():
    out = io.StringIO()
    writer = csv.DictWriter(out, ["name", "count"])
    writer.writerow({"name": request.form["name"], "count": 1})  # finds: FH469
    return Response(out.getvalue(), mimetype="text/csv")


@app.get("/people.csv")
def people():
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["name"])
    for row in sqlite3.connect("lab.db").execute("SELECT name FROM person").fetchall():
        writer.writerow([row[0]])
    return Response(out.getvalue(), mimetype="text/csv")
