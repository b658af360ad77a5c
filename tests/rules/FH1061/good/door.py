# engine: code
"""Signs people in, and says little."""

import logging

from flask import Flask, request

app = Flask(__name__)
log = logging.getLogger(__name__)


@app.post("/login")
def login():
    password = request.form["password"]
    app.logger.info("login of %s, password of %d characters", request.form["name"], len(password))
    log.warning("password of %s is wrong", request.form["name"])
    log.debug("has a token: %s", bool(request.form.get("reset_token")))
    return "ok"
