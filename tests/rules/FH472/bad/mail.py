# engine: code
import smtplib

from flask import Flask, request

app = Flask(__name__)


@app.post("/contact")
def contact():
    sender = request.form["mail"]
    message = "From: %s\nSubject: contact\n\n%s" % (sender, request.form["text"])
    with smtplib.SMTP("localhost") as server:
        server.sendmail("web@lab.example", ["staff@lab.example"], message)  # finds: FH472
    return "sent"
