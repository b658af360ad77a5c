# engine: code
import os
import sqlite3

from werkzeug.security import generate_password_hash


def fill(name, password):
    database = sqlite3.connect("lab.db")
    hashed = generate_password_hash(password)
    database.execute("INSERT INTO people (name, password) VALUES (?, ?)", (name, hashed))
    database.execute("INSERT INTO people (name, password) VALUES ('guest', '')")
    database.execute("INSERT INTO rooms (name, colour) VALUES (?, ?)", ("lab", "green"))


fill("admin", os.environ["ADMIN_PASSWORD"])
