import secrets

from flask import Flask, request, session
from flask_wtf import CSRFProtect

app = Flask(__name__)
app.secret_key = secrets.token_hex(32)
csrf = CSRFProtect(app)


@app.post("/profile")
@csrf.exempt
def profile():  # finds: FH502
    session["nickname"] = request.form["nickname"]
    return "saved"
