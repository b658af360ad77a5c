from flask import Flask

app = Flask(__name__)


@app.get("/.well-known/security.txt")
def contact():
    return "Contact: https://notes.example/security\nExpires: 2027-12-31T00:00:00Z\n", {"Content-Type": "text/plain"}
