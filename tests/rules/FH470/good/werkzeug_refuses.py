from flask import Flask, request

app = Flask(__name__)


@app.get("/report")
def report():
    answer = app.make_response("a;b;c")
    answer.headers["X-Name"] = request.args.get("name", "report")
    return answer
