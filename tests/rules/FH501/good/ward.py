"""A service for other services, which show a key; its session is the database's."""

from flask import Flask, abort, g, request
from sqlalchemy import create_engine, text
from sqlalchemy.orm import scoped_session, sessionmaker

app = Flask(__name__)
session = scoped_session(sessionmaker(bind=create_engine("sqlite://")))


@app.before_request
def caller():
    key = request.headers.get("Authorization", "")
    found = session.execute(text("SELECT name FROM caller WHERE key = :key"), {"key": key}).first()
    if found is None:
        abort(401)
    g.caller = found.name


@app.post("/beds/<int:number>/free")
def free(number):
    session.execute(text("UPDATE bed SET patient = NULL WHERE id = :id"), {"id": number})
    session.commit()
    return {"freed_for": g.caller}
