# engine: code
"""Documents of patients, for the nurses of a practice."""

from flask import Flask, jsonify, request
from flask_login import login_required
from flask_sqlalchemy import SQLAlchemy

app = Flask(__name__)
db = SQLAlchemy(app)


class Document(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    text = db.Column(db.Text)


class Patient(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    phone = db.Column(db.Text)


@app.get("/documents/<int:document_id>")
@login_required
def document(document_id):  # finds: FH761
    return jsonify(text=Document.query.get_or_404(document_id).text)


@app.post("/phone")
@login_required
def phone():  # finds: FH761
    given = request.get_json()
    patient = Patient.query.get(given["patient_id"])
    patient.phone = given["phone"]
    db.session.commit()
    return jsonify(changed=True)
