# engine: code
from flask import Flask, current_app

from fumehood import Fumehood, current_store, public

app = Flask(__name__)
Fumehood(app)


@app.get("/files/<file_id>")
@public
def file(file_id):
    return current_store().response(file_id)


@app.get("/pictures/<file_id>")
@public
def picture(file_id):
    return current_app.extensions["fumehood"].store.response(file_id)
