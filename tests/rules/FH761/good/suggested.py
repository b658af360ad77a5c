# engine: code
import sqlite3

from flask import Flask, jsonify, request
from flask_login import current_user, login_required

app = Flask(__name__)


@app.get("/payments")
@login_required
def payments():
    most = request.args.get("most", 20, type=int)
    author = request.args.get("author", "")
    rows = sqlite3.connect("lab.db").execute(
        "SELECT amount FROM payment WHERE payer = ? AND author = ? LIMIT ?", (current_user.id, author, most)
    )
    return jsonify([row[0] for row in rows])
