# engine: code
import xml.etree.ElementTree as ET
from xml.dom import minidom

from flask import Flask, request

app = Flask(__name__)


@app.post("/orders")
def orders():
    root = ET.fromstring(request.data)  # finds: FH473
    return {"root": root.tag}


@app.post("/drawing")
def drawing():
    return {"nodes": len(minidom.parse(request.files["file"]).childNodes)}  # finds: FH473
