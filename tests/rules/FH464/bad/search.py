# engine: code
"""Notes what people search for."""

import logging

from flask import Flask, current_app, request

app = Flask(__name__)
log = logging.getLogger(__name__)


@app.get("/search")
def search():
    log.info("search for %s", request.args["words"])  # finds: FH464
    return "nothing"


@app.get("/find")
def find():
    current_app.logger.warning(f"found nothing for {request.args['words']}")  # finds: FH464
    return "nothing"
