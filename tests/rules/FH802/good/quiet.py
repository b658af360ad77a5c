# engine: code
"""Readings of a meter."""

import sqlite3

from sqlalchemy import create_engine

engine = create_engine("sqlite:///readings.db")


def readings(meter):
    connection = sqlite3.connect("readings.db")
    connection.set_trace_callback(None)
    return connection.execute("SELECT * FROM readings WHERE meter = ?", (meter,)).fetchall()
