from flask import Blueprint

pages = Blueprint("pages", __name__)


@pages.get("/thing/<identifier:key>")
def thing(key):
    return f"There is no {key}", 404


@pages.get("/page/<slug:key>")
def page(key):
    return f"There is no {key}", 404
