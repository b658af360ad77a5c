# engine: code
"""A converter that starts its tool with a list; only on Windows with a line."""

import os
import subprocess

from flask import Flask, request

app = Flask(__name__)


def started(command, quoted):
    if os.name == "nt":
        for place, part in enumerate(command):
            if place in quoted:
                command[place] = f'"{part}"'
        given = " ".join(command)
    else:
        given = [part for part in command]
    return subprocess.Popen(given, shell=False)


@app.post("/books/<int:number>/<kind>")
def convert(number, kind):
    started([app.config["TOOL"], "export", "--formats", kind, "--title", request.form["title"], str(number)], (3, 5))
    return "", 204
