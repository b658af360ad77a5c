# engine: code
"""A till for several shops: what comes before each view takes the shop from the address and asks whose it is; one API class asks by itself."""

from functools import wraps

from flask import Blueprint, Flask, abort, g, redirect, request, session
from flask_restful import Api, Resource
from flask_sqlalchemy import SQLAlchemy

app = Flask(__name__)
db = SQLAlchemy(app)
till = Blueprint("till", __name__, url_prefix="/<shop>")
api = Api(app)


class Sale(db.Model):
    id = db.Column(db.Integer, primary_key=True)


@till.url_value_preprocessor
def pull_shop(endpoint, values):
    g.shop = values.pop("shop")
    if not session.get(g.shop):
        abort(redirect("/enter"))


def need_auth(view):
    @wraps(view)
    def asked(*args, **kwargs):
        if request.authorization is None:
            abort(401)
        return view(*args, **kwargs)

    return asked


@till.post("/sales/<int:number>/void")
def void(number):
    db.session.delete(db.session.get(Sale, number))
    db.session.commit()
    return "", 204


class SaleApi(Resource):
    method_decorators = [need_auth]

    def delete(self, number):
        db.session.delete(db.session.get(Sale, number))
        db.session.commit()
        return "", 204


api.add_resource(SaleApi, "/api/sales/<int:number>")
app.register_blueprint(till)
