# engine: code
"""What is kept under one name of a record is not under another."""

import os
from collections import namedtuple

from flask import Flask, request

app = Flask(__name__)
Book = namedtuple("Book", "folder, title")
Page = namedtuple("Page", ["folder", "number", "text"])


@app.post("/books")
def add():
    book = Book("books/new", request.form["title"])
    page = Page(text=request.form["text"], number=1, folder=book.folder)
    os.makedirs(page.folder)
    os.makedirs(book._replace(title=request.form["other"]).folder)
    return {"title": book.title}, 201
