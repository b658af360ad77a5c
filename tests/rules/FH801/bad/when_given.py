# engine: code
import sqlite3

from flask import Flask, abort, current_app, request

app = Flask(__name__)


def best(board):
    table = f"best_{board}" if board is not None else "best"
    return sqlite3.connect("games.db").execute(f"SELECT name FROM {table}").fetchall()  # finds: FH801


@app.get("/best")
def show():
    board = request.args.get("board")
    boards = current_app.config.get("BOARDS")
    if boards is None:
        abort(404)
    if board is not None:
        current_app.logger.info("a board was asked for")
    return {"best": best(board)}
