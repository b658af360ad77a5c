# engine: code
"""A program's own word for it: ``@api.secure`` asks who it is, and what they may do."""

from functools import wraps

from flask import Flask, abort, request
from flask_restx import Api, Resource
from flask_sqlalchemy import SQLAlchemy

app = Flask(__name__)
db = SQLAlchemy(app)


class OwnApi(Api):
    def secure(self, view):
        @wraps(view)
        def asked(*args, **kwargs):
            if not self.key_is_known(request.headers.get("X-Key", "")):
                abort(401)
            return view(*args, **kwargs)

        return asked

    def key_is_known(self, key):
        return bool(key) and key in app.config["KEYS"]


api = OwnApi(app)


class Topic(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    title = db.Column(db.Text)


@api.route("/topics/<int:number>")
class TopicAPI(Resource):
    @api.secure
    def put(self, number):
        db.session.get(Topic, number).title = request.get_json()["title"]
        db.session.commit()
        return "", 204

    @api.secure
    def delete(self, number):
        db.session.delete(db.session.get(Topic, number))
        db.session.commit()
        return "", 204
