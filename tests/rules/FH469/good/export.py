# engine: code
import csv
import io

from flask import Flask, Response, request

app = Flask(__name__)


@app.post("/echo")
def echo():
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["name", "count"])
    writer.writerow(["'" + request.form["name"], int(request.form["count"])])
    writer.writerow([f"person {request.form['name']}", 2])
    return Response(out.getvalue(), mimetype="text/csv")
