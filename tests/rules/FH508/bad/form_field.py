import sqlite3

from flask import Flask, request
from werkzeug.wrappers import Request

app = Flask(__name__)
db = sqlite3.connect(app.root_path + "/shop.db", check_same_thread=False, isolation_level=None)
db.execute("CREATE TABLE IF NOT EXISTS goods (id INTEGER PRIMARY KEY, name TEXT)")
db.execute("INSERT INTO goods (name) VALUES ('hat'), ('coat'), ('scarf')")


def override(wsgi):
    def called(environ, start_response):
        wanted = Request(environ).args.get("_method")
        if wanted:
            environ["REQUEST_METHOD"] = wanted.upper()
        return wsgi(environ, start_response)

    return called


app.wsgi_app = override(app.wsgi_app)


@app.put("/goods/<int:id>")  # finds: FH508
def rename(id):
    db.execute("UPDATE goods SET name = ? WHERE id = ?", (request.values.get("name", ""), id))
    return "renamed"
