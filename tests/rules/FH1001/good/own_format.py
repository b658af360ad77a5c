# engine: code
from flask import Flask, jsonify

app = Flask(__name__)


class ErrorStatus:
    def format_exception(self, error, target):
        return jsonify(status="failed", target=target), 400


status = ErrorStatus()


@app.get("/things")
def things():
    try:
        return jsonify([1 / 0])
    except ZeroDivisionError as problem:
        return status.format_exception(problem, target="things")
