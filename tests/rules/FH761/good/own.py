# engine: code
"""Documents that only their owner, or an administrator, sees."""

from flask import Blueprint, Flask, abort, g, jsonify, request
from flask_login import current_user, login_required
from flask_security import roles_required
from flask_sqlalchemy import SQLAlchemy

app = Flask(__name__)
db = SQLAlchemy(app)


class Document(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    text = db.Column(db.Text)
    nurse = db.Column(db.Integer)


@app.get("/documents/<int:document_id>")
@login_required
def document(document_id):
    found = Document.query.get_or_404(document_id)
    if found.nurse != current_user.id:
        abort(404)
    return jsonify(text=found.text)


@app.get("/all/<int:document_id>")
@roles_required("admin")
def any_document(document_id):
    return jsonify(text=Document.query.get_or_404(document_id).text)


def own_document(number):
    found = Document.query.get_or_404(number)
    if found.nurse != g.user["id"]:
        abort(403)
    return found


@app.post("/documents/<int:document_id>/text")
@login_required
def rewrite(document_id):
    own_document(document_id).text = request.form["text"]
    db.session.commit()
    return "", 204


def requires_admin_key():
    if request.headers.get("Authorization") != app.config["OFFICE_KEY"]:
        abort(401)


office = Blueprint("office", __name__, url_prefix="/office")
office.before_request(requires_admin_key)


@office.post("/documents/<int:document_id>/nurse")
def hand_over(document_id):
    Document.query.get_or_404(document_id).nurse = request.form["nurse"]
    db.session.commit()
    return "", 204


app.register_blueprint(office)


@app.post("/documents/<int:document_id>/remove")
@login_required
def remove(document_id):
    db.session.delete(own_document(document_id))
    db.session.commit()
    return "", 204


@app.get("/latest/<int:count>")
@login_required
def latest(count):
    found = Document.query.filter(Document.id > 0).limit(count).all()
    return jsonify(texts=[one.text for one in found])


@app.post("/deliveries")
@login_required
def delivered():
    sent = request.get_json()
    if request.authorization.username != app.config["CARRIER_USER_ID"]:
        abort(403)
    known = Document.query.filter(Document.text == sent["text"]).first()
    return jsonify(known=known is not None)
