# engine: code
import ldap3
from flask import Flask, request

app = Flask(__name__)


@app.get("/person")
def person():
    directory = ldap3.Connection("ldap.lab.example")
    directory.search("ou=people", f"(uid={request.args['uid']})")  # finds: FH840
    return {"found": len(directory.entries)}
