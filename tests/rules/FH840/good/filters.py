# engine: code
import ldap3
from ldap3.utils.conv import escape_filter_chars
from flask import Flask, request

app = Flask(__name__)


@app.get("/person")
def person():
    directory = ldap3.Connection("ldap.lab.example")
    directory.search("ou=people", f"(uid={escape_filter_chars(request.args['uid'])})")
    return {"found": len(directory.entries)}
