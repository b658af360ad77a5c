# engine: code
from flask import Flask, Response, request

app = Flask(__name__)


@app.get("/echo")
def echo():
    page = f"<p>{request.args['word']}</p>"
    return Response(page, headers={"Content-Type": "text/html; charset=utf-8"})  # finds: FH443


@app.get("/again")
def again():
    return Response(f"<p>{request.args['word']}</p>", headers={"X-Told": "twice"})  # finds: FH443
