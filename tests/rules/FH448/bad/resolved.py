# engine: code
import xml.dom.minidom
import xml.sax
import xml.sax.handler

import lxml.etree
from flask import Flask, request

app = Flask(__name__)


@app.post("/order")
def order():
    parser = lxml.etree.XMLParser(resolve_entities=True)
    return {"to": lxml.etree.fromstring(request.data, parser).findtext("to")}  # finds: FH448


@app.post("/note")
def note():
    parser = xml.sax.make_parser()
    parser.setFeature(xml.sax.handler.feature_external_ges, True)
    document = xml.dom.minidom.parseString(request.data, parser)  # finds: FH448
    return {"name": document.documentElement.tagName}
