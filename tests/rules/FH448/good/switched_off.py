# engine: code
import xml.dom.minidom
import xml.sax

import lxml.etree
from flask import Flask, request

app = Flask(__name__)


@app.post("/order")
def order():
    parser = lxml.etree.XMLParser(resolve_entities=False, no_network=True)
    return {"to": lxml.etree.fromstring(request.data, parser).findtext("to")}


@app.post("/note")
def note():
    return {"name": xml.dom.minidom.parseString(request.data, xml.sax.make_parser()).documentElement.tagName}
