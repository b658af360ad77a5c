# engine: code
import sqlite3

from werkzeug.security import generate_password_hash


def fill(database):
    database.execute(  # finds: FH260
        "INSERT INTO people (name, password, role) VALUES (?, ?, ?)", ("admin", "admin123", "admin")
    )
    database.execute("INSERT INTO people (name, password) VALUES ('guest', 'guest-1')")


def first():
    database = sqlite3.connect("lab.db")
    hashed = generate_password_hash("Tr0ub4dor")  # finds: FH260
    database.execute("INSERT INTO people (name, password) VALUES (?, ?)", ("admin", hashed))
