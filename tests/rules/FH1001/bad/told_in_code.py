# engine: code
"""Orders of a workshop, whose errors tell what happened."""

import traceback

from flask import Blueprint, jsonify

from orders import find, remove

orders = Blueprint("orders", __name__)


@orders.get("/orders/<int:number>")
def show(number):
    try:
        return jsonify(find(number))
    except Exception as error:
        return jsonify({"error": str(error)}), 500  # finds: FH1001


@orders.delete("/orders/<int:number>")
def delete(number):
    try:
        remove(number)
    except RuntimeError as error:
        text = f"<p>It failed: {error}</p>"
        return text  # finds: FH1001
    except OSError:
        return traceback.format_exc(), 500  # finds: FH1001
    return "", 204


@orders.app_errorhandler(500)
def failed(error):
    return {"error": repr(error)}, 500  # finds: FH1001
