# engine: code
from flask import Blueprint, Flask, abort, jsonify, render_template
from flask_login import current_user, login_required
from flask_sqlalchemy import SQLAlchemy

app = Flask(__name__)
db = SQLAlchemy(app)
api = Blueprint("api", __name__)


class Member(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.Text)


@api.route("/members")
@login_required
def members():
    return jsonify([member.name for member in Member.query.all()])


@api.route("/members/<int:member_id>")
def member(member_id):  # finds: FH760
    found = Member.query.get_or_404(member_id)
    return jsonify(name=found.name, admin=found.admin)


@api.route("/groups")
@login_required
def groups():
    return jsonify(current_user.groups)


@api.route("/payments")
def payments():
    if not current_user.is_admin:
        abort(403)
    return jsonify([])


app.register_blueprint(api)
