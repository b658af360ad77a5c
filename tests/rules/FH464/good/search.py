# engine: code
"""Notes what people search for, on one line each."""

import logging

from flask import Flask, request

app = Flask(__name__)
log = logging.getLogger(__name__)


@app.get("/search")
def search():
    log.info("search for %r on page %d", request.args["words"], int(request.args["page"]))
    log.info("page %s", int(request.args["page"]))
    return "nothing"


@app.get("/items/<int:number>")
def item(number):
    log.info("item %s", number)
    return "nothing"
