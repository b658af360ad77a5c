# engine: code
import lxml.etree
from flask import Flask, abort, request

app = Flask(__name__)


@app.get("/salary")
def salary():
    staff = lxml.etree.parse("staff.xml")
    return {"found": len(staff.xpath("/staff/person[@id=$id]", id=request.args["id"]))}


@app.get("/quoted")
def quoted():
    wanted = request.args["id"]
    if "'" in wanted:
        abort(400)
    return {"found": len(lxml.etree.parse("staff.xml").xpath(f"/staff/person[@id='{wanted}']"))}
