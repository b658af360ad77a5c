# engine: code
from flask import Flask, request
from sqlalchemy import create_engine
from sqlalchemy.orm import scoped_session, sessionmaker

app = Flask(__name__)
session = None


def open_database(address):
    global session
    maker = scoped_session(sessionmaker())
    maker.configure(bind=create_engine(address))
    session = maker()


@app.get("/notes")
def notes():
    order = request.args.get("order", "id")
    return {"notes": session.execute("SELECT * FROM note ORDER BY " + order).all()}  # finds: FH801
