# engine: code
"""A reader signs in with the token in the address that was given to it."""

from flask import Flask, request
from flask_login import current_user
from flask_wtf import CSRFProtect

app = Flask(__name__)
csrf = CSRFProtect(app)
SHELVES = {}


@app.post("/reader/<auth_token>/shelves")
@csrf.exempt
def add_shelf(auth_token):
    SHELVES.setdefault(current_user.get_id(), []).append(request.json["name"])
    return "", 201
