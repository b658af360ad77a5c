# engine: code
"""Marks a moment in the log of a database server; the connections are a driver of our own."""

import json

from flask import Flask, request

app = Flask(__name__)


def connection_of(server):
    return app.extensions["servers"].manager(server).connection()


@app.post("/servers/<int:server>/moments")
def add_moment(server):
    name = json.loads(request.data)["name"]
    statement = "SELECT create_moment('{0}')".format(name)
    done, result = connection_of(server).execute_scalar(statement)  # finds: FH801
    return {"done": done, "result": str(result)}
