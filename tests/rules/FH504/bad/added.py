# engine: code
from flask import Flask, redirect, render_template, url_for
from flask_login import current_user, login_required
from flask_sqlalchemy import SQLAlchemy

app = Flask(__name__)
db = SQLAlchemy(app)


class Payment(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    amount = db.Column(db.Float)
    payer_id = db.Column(db.Integer)


@app.route("/pay/<amount>")
@login_required
def pay(amount):  # finds: FH504
    db.session.add(Payment(amount=float(amount), payer_id=current_user.id))
    db.session.commit()
    return redirect(url_for("payments"))


@app.route("/payments")
@login_required
def payments():
    return render_template("payments.html", payments=Payment.query.filter_by(payer_id=current_user.id))
