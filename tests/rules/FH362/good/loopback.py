# engine: code
"""A service that is started by hand, for its maker alone."""

import subprocess

from flask import Flask

app = Flask(__name__)


def main():
    subprocess.run(["flask", "routes"], check=True)
    app.run(host="127.0.0.1", port=8080)
