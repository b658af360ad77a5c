from flask import Flask, render_template

app = Flask(__name__)


@app.get("/preview")
def preview():
    return render_template("mail.txt.j2", name="ann"), {"Content-Type": "text/plain"}
