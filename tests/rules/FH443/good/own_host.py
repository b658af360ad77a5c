# engine: code
"""A feed whose links begin with the host that it was asked at: nobody can make a browser send markup there."""

from flask import Flask, Response, request

app = Flask(__name__)


@app.get("/feed")
def feed():
    entries = "".join(f"<entry><link href='{request.url_root}posts/{number}'/></entry>" for number in range(3))
    return Response(f"<feed>{entries}</feed>", mimetype="application/xml")


@app.get("/robots")
def robots():
    return f"<p>Here is {request.host}</p>"
