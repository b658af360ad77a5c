# engine: code
"""Pages that ask others, and do not wait for ever."""

import requests
from flask import Flask

app = Flask(__name__)
LIMITS = {"timeout": (3, 10)}


@app.get("/books")
def books():
    return requests.get("https://library.example/books", timeout=5).json()


@app.get("/authors")
def authors():
    return requests.get("https://library.example/authors", **LIMITS).json()


def nightly():
    return requests.get("https://library.example/everything").json()
