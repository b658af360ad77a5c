# engine: code
"""Not each request is checked, because the hook says which."""

from flask import Flask, request
from flask_wtf import CSRFProtect

app = Flask(__name__)
app.config["WTF_CSRF_CHECK_DEFAULT"] = False
csrf = CSRFProtect(app)


@app.before_request
def check():
    if not request.headers.get("X-Api-Key"):
        csrf.protect()
