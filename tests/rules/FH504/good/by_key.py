# engine: code
import hmac

from flask import Flask, abort, current_app, request
from flask_sqlalchemy import SQLAlchemy

app = Flask(__name__)
db = SQLAlchemy(app)


class Member(db.Model):
    id = db.Column(db.Integer, primary_key=True)


@app.get("/delete-member/<int:number>")
def delete_member(number):
    """Called by the register of members, which brings its key."""
    if not hmac.compare_digest(request.args.get("access_token", ""), current_app.config["REGISTER_KEY"]):
        abort(401)
    db.session.delete(db.session.get(Member, number))
    db.session.commit()
    return "gone"
