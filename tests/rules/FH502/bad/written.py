# engine: code
from flask import Flask, request, session
from flask_wtf import CSRFProtect

app = Flask(__name__)
csrf = CSRFProtect(app)
NAMES = {}


@app.post("/name")
@csrf.exempt
def rename():  # finds: FH502
    NAMES[session["person"]] = request.form["name"]
    return "ok"
