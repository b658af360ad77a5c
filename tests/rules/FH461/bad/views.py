# engine: code
"""Pages that ask others."""

import urllib.request

import requests
from flask import Flask

app = Flask(__name__)


def fetch(path):
    return requests.get(f"https://library.example/{path}")  # finds: FH461


@app.get("/books")
def books():
    return fetch("books").json()


@app.get("/authors")
def authors():
    with urllib.request.urlopen("https://library.example/authors") as answer:  # finds: FH461
        return answer.read()
