from functools import wraps

from flask import Flask, abort, jsonify, request, session

app = Flask(__name__)
app.secret_key = "for a sample only"
PEOPLE, KEPT = {}, {}


def cached(view):
    @wraps(view)
    def kept(*args, **kwargs):
        if request.full_path not in KEPT:
            KEPT[request.full_path] = view(*args, **kwargs)
        return KEPT[request.full_path]

    return kept


@app.post("/register")
def register():
    PEOPLE[request.form["username"]] = request.form["password"]
    return "welcome"


@app.post("/login")
def login():
    if PEOPLE.get(request.form["username"]) != request.form["password"]:
        abort(403)
    session["name"] = request.form["username"]
    return "in"


@app.get("/account")  # finds: FH768
@cached
def account():
    if "name" not in session:
        abort(401)
    return jsonify(account=session["name"], orders=["hat"])
