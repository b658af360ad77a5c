# engine: code
"""Back to where the visitor was, with another filter."""

from urllib.parse import parse_qsl, urlencode, urlparse, urlunparse

from flask import Flask, redirect, request

app = Flask(__name__)


@app.get("/filter")
def filtered():
    before = urlparse(request.referrer)
    pairs = parse_qsl(before.query)
    for name, values in request.args.lists():
        pairs = [pair for pair in pairs if pair[0] != name]
        if values != [""]:
            pairs.extend([(name, value) for value in values])
    return redirect(urlunparse(before._replace(query=urlencode(pairs))))
