# engine: code
from flask import Flask, Response, request

app = Flask(__name__)


@app.get("/echo")
def echo():
    return Response(request.args["text"], mimetype="text/html")  # finds: FH443


@app.get("/badge")
def badge():
    return Response(f"<svg><text>{request.args['text']}</text></svg>", content_type="image/svg+xml")  # finds: FH443
