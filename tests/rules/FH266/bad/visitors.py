# engine: code
"""Remembers visitors of a museum."""

import base64
import json


def remember(response, username):
    visitor = base64.b64encode(json.dumps({"username": username}).encode())  # finds: FH266
    response.set_cookie("visitor", visitor, secure=True, httponly=True, samesite="Lax")
    return response
