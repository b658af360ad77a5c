# engine: code
from uuid import UUID

from flask import Flask
from pages import pages
from werkzeug.routing import BaseConverter, ValidationError


class Identifier(BaseConverter):
    def to_python(self, value):
        if value in ("first", "last"):
            return value
        try:
            UUID(value)
        except ValueError:
            raise ValidationError from None
        return value


class Slug(BaseConverter):
    regex = "[a-z0-9-]+"


app = Flask(__name__)
app.url_map.converters["identifier"] = Identifier
app.url_map.converters["slug"] = Slug
app.register_blueprint(pages)
