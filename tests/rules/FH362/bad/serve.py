# engine: code
"""A service that is started by hand."""

from flask import Flask

app = Flask(__name__)


def main():
    app.run(host="0.0.0.0", port=8080)  # finds: FH362
