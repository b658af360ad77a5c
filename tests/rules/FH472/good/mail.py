# engine: code
import smtplib
from email.message import EmailMessage

from flask import Flask, request

app = Flask(__name__)


@app.post("/contact")
def contact():
    message = EmailMessage()
    message["Reply-To"] = request.form["mail"]
    message.set_content(request.form["text"])
    with smtplib.SMTP("localhost") as server:
        server.send_message(message, "web@lab.example", ["staff@lab.example"])
        server.sendmail("web@lab.example", ["staff@lab.example"], "Subject: contact\n\n" + request.form["text"])
        server.sendmail("web@lab.example", ["staff@lab.example"], f"Subject: order {int(request.form['number'])}\n\nThanks")
    return "sent"
