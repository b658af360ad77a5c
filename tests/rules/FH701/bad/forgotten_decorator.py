from flask import Flask, request
from flask_login import LoginManager, login_required

app = Flask(__name__)
LoginManager(app)


@app.post("/notes")
@login_required
def add():
    return {"text": request.form["text"]}


@app.post("/notes/<int:number>")
@login_required
def change(number):
    return {"text": request.form["text"]}


@app.post("/notes/<int:number>/delete")
def delete(number):  # finds: FH701
    return {"deleted": number}
