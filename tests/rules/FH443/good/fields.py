# engine: code
"""Forms that are put together by hand: a field's markup escapes what was typed."""

from flask import Flask, Response, abort, request
from flask_wtf import FlaskForm
from markupsafe import Markup
from wtforms import HiddenField, StringField

app = Flask(__name__)
DRAWINGS = {}


class Order(FlaskForm):
    number = HiddenField()
    remark = StringField(description="Shown to the kitchen")

    def all_fields(self, names=()):
        fields = [getattr(self, name) for name in names] or self
        return Markup("<br>".join(str(field) for field in fields))

    def hints(self):
        return Markup(" ".join(field.description for field in self))


@app.route("/order", methods=["GET", "POST"])
def order():
    form = Order()
    return form.all_fields(["number"]) + form.all_fields() + form.hints()


@app.get("/drawings/<name>")
def drawing(name):
    if name not in DRAWINGS and not request.args.get("new"):
        abort(404)
    return Response(f"drawing {name}", headers={"Content-Type": "text/plain"})
