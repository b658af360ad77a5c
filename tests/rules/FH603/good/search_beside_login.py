from flask import Flask

app = Flask(__name__)


@app.get("/")
def index():
    return """<form action="/search"><input type="search" name="q"></form>
    <form action="/login" method="POST"><input type="password" name="pw"></form>"""
