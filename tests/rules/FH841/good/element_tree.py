# engine: code
"""A staff list in a file: what is searched for is compared, not written into the path; and texts have a find of their own."""

import xml.etree.ElementTree as ElementTree

from flask import Flask, request

app = Flask(__name__)


@app.get("/staff")
def staff():
    people = ElementTree.parse("staff.xml").findall(".//person")
    return {"found": any(person.get("name") == request.args["name"] for person in people)}


@app.get("/rooms")
def rooms():
    root = ElementTree.parse("rooms.xml").getroot()
    floor = int(request.args["floor"])
    return {"rooms": len(root.findall(f"room[@floor='{floor}']"))}


@app.get("/text")
def text():
    return {"at": "some text".find(request.args["part"])}
