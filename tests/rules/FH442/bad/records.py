# engine: code
import os
from collections import namedtuple

from flask import Flask, request

app = Flask(__name__)
Book = namedtuple("Book", "folder, title")


@app.post("/books")
def add():
    book = Book(request.form["folder"], "untitled")
    os.makedirs(book.folder)  # finds: FH442
    return "", 201


@app.post("/copies")
def copy():
    folder, title = Book(title="untitled", folder=request.form["to"])
    os.makedirs(folder)  # finds: FH442
    return {"title": title}, 201
