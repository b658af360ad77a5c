# engine: code
"""Views that a library makes of a class: the class says once who may come, or the view asks for the right."""

from coaster.views import ModelView, route
from flask import Flask, abort, g
from flask_sqlalchemy import SQLAlchemy

from .signing_in import requires_permission

app = Flask(__name__)
db = SQLAlchemy(app)


class Campaign(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    title = db.Column(db.Text)


@route("/campaigns")
class Campaigns(ModelView):
    __decorators__ = [requires_permission("campaigns")]

    @route("<name>/close", methods=["POST"])
    def close(self):
        db.session.delete(self.obj)
        db.session.commit()
        return ""


@route("/drafts")
class Drafts(ModelView):
    @route("<name>/drop", methods=["POST"])
    def drop(self):
        if "drop-draft" not in g.board.current_permissions:
            abort(403)
        db.session.delete(self.obj)
        db.session.commit()
        return ""


@app.post("/login")
def login():
    return ""
