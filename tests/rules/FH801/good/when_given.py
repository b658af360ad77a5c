# engine: code
"""A board is one of those that there are, or none was asked for."""

import sqlite3

from flask import Flask, abort, current_app, request

app = Flask(__name__)


def best(board):
    table = f"best_{board}" if board is not None else "best"
    return sqlite3.connect("games.db").execute(f"SELECT name FROM {table} ORDER BY points DESC").fetchall()


@app.get("/best")
def show():
    board = request.args.get("board")
    boards = current_app.config.get("BOARDS")
    if board is not None:
        if boards is None or board not in boards:
            abort(404)
    return {"best": best(board)}
