# engine: code
"""A catalogue whose filter comes as JSON in the address."""

import json

from flask import Flask, request
from pymongo import MongoClient

app = Flask(__name__)
items = MongoClient().shop.items


@app.get("/items")
def found():
    wanted = json.loads(request.args.get("filter", "{}"))
    return [item["name"] for item in items.find(wanted)]  # finds: FH860
