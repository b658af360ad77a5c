# engine: code
"""Orders of a workshop."""

import logging

from flask import Blueprint, jsonify
from pydantic import ValidationError

from orders import check, find

orders = Blueprint("orders", __name__)
log = logging.getLogger(__name__)


@orders.get("/orders/<int:number>")
def show(number):
    try:
        return jsonify(find(check(number)))
    except ValidationError as error:
        return jsonify({"error": str(error)}), 422
    except Exception as error:
        log.error("order %s: %s", number, error)
        return jsonify({"error": "That did not work."}), 500


@orders.app_errorhandler(404)
def missing(error):
    return {"error": str(error)}, 404


def size(path):
    try:
        return path.stat().st_size
    except OSError as error:
        return str(error)
