# engine: code
import io

import lxml.etree
from flask import Flask, request

app = Flask(__name__)


@app.get("/salary")
def salary():
    staff = lxml.etree.parse("staff.xml")
    return {"found": len(staff.xpath(f"/staff/person[@id='{request.args['id']}']"))}  # finds: FH841


@app.get("/pieces")
def pieces():
    query = io.StringIO()
    query.write("/staff/person[@id='")
    query.write(request.args["id"])
    query.write("']")
    return {"found": len(lxml.etree.XPath(query.getvalue())(lxml.etree.parse("staff.xml")))}  # finds: FH841
