# engine: code
import hmac
import os

from flask import Flask, abort, request, session
from flask_wtf import CSRFProtect

app = Flask(__name__)
csrf = CSRFProtect(app)
NAMES = {}


@app.post("/hook")
@csrf.exempt
def hook():
    if not hmac.compare_digest(request.headers["X-Signature"], os.environ["HOOK_KEY"]):
        abort(403)
    return "ok"


@app.post("/name")
def rename():
    NAMES[session["person"]] = request.form["name"]
    return "ok"
