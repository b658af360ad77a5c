# engine: code
"""Remembers visitors of a museum, and their colours."""

import json

from itsdangerous import URLSafeSerializer


def remember(response, username, key):
    value = URLSafeSerializer(key, salt="visitor").dumps({"username": username})
    response.set_cookie("visitor", value, secure=True, httponly=True, samesite="Lax")
    return response


def colours(response, choice):
    response.set_cookie("colours", json.dumps({"theme": choice}), secure=True, httponly=True, samesite="Lax")
    return response


def profile(response, username):
    return json.dumps({"username": username})
