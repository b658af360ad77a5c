# engine: code
from flask import Flask, jsonify, request

app = Flask(__name__)


@app.post("/call")
def call():
    try:
        answer = jsonify(app.extensions["commands"].run(request.get_json()))
    except Exception as error:
        told = {"state": "failed"}
        told["error"] = str(error)
        answer = jsonify(told), 500  # finds: FH1001
    return answer


@app.post("/count")
def count():
    number = 0
    try:
        number = int(request.form["number"])
    except ValueError as error:
        app.logger.info("no number: %s", error)
    return jsonify(number=number)
