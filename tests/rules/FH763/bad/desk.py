# engine: code
"""A desk for the staff."""

from flask import Flask, render_template, request

app = Flask(__name__)


@app.get("/desk")
def desk():
    if request.cookies.get("is_admin") == "1":  # finds: FH763
        return render_template("desk.html")
    return "no", 403
