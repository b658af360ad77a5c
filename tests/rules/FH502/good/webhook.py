import hmac
import secrets

from flask import Flask, abort, request
from flask_wtf import CSRFProtect

app = Flask(__name__)
app.secret_key = secrets.token_hex(32)
csrf = CSRFProtect(app)


@app.post("/webhook")
@csrf.exempt
def webhook():
    wanted = hmac.new(b"shared", request.get_data(), "sha256").hexdigest()
    if not hmac.compare_digest(request.headers.get("X-Signature", ""), wanted):
        abort(403)
    return "", 204
