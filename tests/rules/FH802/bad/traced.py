# engine: code
"""Readings of a meter, with a trace that was left in."""

import sqlite3

from sqlalchemy import create_engine

engine = create_engine("sqlite:///readings.db", echo=True)  # finds: FH802


def readings(meter):
    connection = sqlite3.connect("readings.db")
    connection.set_trace_callback(print)  # finds: FH802
    return connection.execute("SELECT * FROM readings WHERE meter = ?", (meter,)).fetchall()
