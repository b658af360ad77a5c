# engine: code
"""HTTP's Digest scheme says what is hashed, and how."""

from hashlib import sha256

from flask import Flask, request

app = Flask(__name__)


@app.get("/digest/<name>/<password>")
def digest(name, password):
    realm = request.args.get("realm", "lab")
    first = sha256(f"{name}:{realm}:{password}".encode()).hexdigest()
    other = sha256(b":".join([name.encode(), realm.encode(), password.encode()])).hexdigest()
    return {"same": first == other}
