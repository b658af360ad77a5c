# engine: code
"""What filters rows is made of columns, whatever made the class that they are of."""

import library
from flask import Flask, request

app = Flask(__name__)


@app.post("/people")
def people():
    numbers = request.get_json().get("numbers")
    found = library.session.query(library.Person).filter(library.Person.id.in_(numbers))
    return {"found": found.filter(library.Person.name.ilike(f"%{request.args['name']}%")).count()}
