# engine: code
import sqlite3

from flask import Flask, jsonify, request
from flask_login import current_user, login_required

app = Flask(__name__)


@app.get("/payments")
@login_required
def payments():
    user_id = request.args.get("user_id", current_user.id)  # finds: FH761
    rows = sqlite3.connect("lab.db").execute("SELECT amount FROM payment WHERE payer = ?", (user_id,))
    return jsonify([row[0] for row in rows])
