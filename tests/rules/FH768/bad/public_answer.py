from flask import Flask, abort, jsonify, request

app = Flask(__name__)
PEOPLE, KEYS = {}, {}


@app.post("/register")
def register():
    PEOPLE[request.form["username"]] = request.form["password"]
    return "welcome"


@app.post("/login")
def login():
    if PEOPLE.get(request.form["username"]) != request.form["password"]:
        abort(403)
    key = f"{len(KEYS)}-" + "k" * 24
    KEYS[key] = request.form["username"]
    answer = jsonify(ok=True)
    answer.set_cookie("sid", key, secure=True, httponly=True)
    return answer


@app.get("/account")  # finds: FH768
def account():
    name = KEYS.get(request.cookies.get("sid", "")) or abort(401)
    answer = jsonify(account=name)
    answer.headers["Cache-Control"] = "public, max-age=300"
    return answer
