# finds: FH318
from flask import Flask

app = Flask(__name__)


@app.get("/")
def index():
    return "<script defer src=//cdn.example/jquery.min.js></script>"
