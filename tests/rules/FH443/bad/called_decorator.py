# engine: code
"""A greeting whose view is a lambda."""

from flask import Flask, request

app = Flask(__name__)
app.get("/hello")(lambda: "<h1>Hello " + request.args.get("name", "") + "</h1>")  # finds: FH443
