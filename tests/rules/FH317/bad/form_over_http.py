# finds: FH317
from flask import Flask

app = Flask(__name__)


@app.get("/")
def index():
    return "<form method=post action='http://notes.example/save'><button>Save</button></form>"
