# engine: code
import csv
import io
import sqlite3

from flask import Flask, Response

app = Flask(__name__)


@app.get("/people.csv")
def people():
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["name"])
    for row in sqlite3.connect("lab.db").execute("SELECT name FROM person").fetchall():
        writer.writerow([row[0]])  # finds: FH469
    return Response(out.getvalue(), mimetype="text/csv")
