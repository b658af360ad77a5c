# engine: code
"""A staff list in a file, searched with the standard library."""

import xml.etree.ElementTree as ElementTree

from flask import Flask, request

app = Flask(__name__)


@app.get("/staff")
def staff():
    tree = ElementTree.parse("staff.xml")
    found = tree.find(f".//person[@name='{request.args['name']}']")  # finds: FH841
    return {"found": found is not None}


@app.get("/rooms")
def rooms():
    root = ElementTree.parse("rooms.xml").getroot()
    return {"rooms": len(root.findall("room[@floor='%s']" % request.args["floor"]))}  # finds: FH841
