# engine: code
from flask import Flask, redirect, render_template, url_for
from flask_login import current_user, login_required, login_user
from flask_sqlalchemy import SQLAlchemy

app = Flask(__name__)
db = SQLAlchemy(app)


class Visit(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    person_id = db.Column(db.Integer)


@app.route("/notes/<int:number>")
@login_required
def note(number):
    db.session.add(Visit(person_id=current_user.id))
    db.session.commit()
    return render_template("note.html", number=number)


@app.route("/arrived/<provider>/callback")
def arrived(provider):
    visit = Visit()
    db.session.add(visit)
    db.session.commit()
    login_user(visit)
    return redirect(url_for("note", number=1))
