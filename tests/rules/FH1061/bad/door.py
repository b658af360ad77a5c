# engine: code
"""Signs people in, and says too much."""

import logging

from flask import Flask, request

app = Flask(__name__)
log = logging.getLogger(__name__)


@app.post("/login")
def login():
    password = request.form["password"]
    app.logger.info("login of %s with %s", request.form["name"], password)  # finds: FH1061
    return "ok"


@app.post("/renew")
def renew():
    person = find(request.form["name"])
    print(f"new key of {person.name}: {person.api_key}")  # finds: FH1061
    log.debug("token " + person.reset_token)  # finds: FH1061
