# engine: code
"""A desk for the staff."""

import jwt
from flask import Flask, current_app, render_template, request, session

app = Flask(__name__)


@app.get("/desk")
def desk():
    if session.get("is_admin"):
        return render_template("desk.html", theme=request.cookies.get("theme"))
    return "no", 403


@app.get("/api/desk")
def api():
    claims = jwt.decode(request.cookies["user_id"], current_app.secret_key, algorithms=["HS256"])
    return {"desk": claims["sub"]}
