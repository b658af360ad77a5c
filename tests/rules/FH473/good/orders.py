# engine: code
import xml.etree.ElementTree as ET

import defusedxml.ElementTree
from flask import Flask, request

app = Flask(__name__)


@app.post("/orders")
def orders():
    root = defusedxml.ElementTree.fromstring(request.data)
    return {"root": root.tag, "menu": ET.parse("menu.xml").getroot().tag}
