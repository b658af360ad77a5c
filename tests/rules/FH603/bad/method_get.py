# finds: FH603
from flask import Flask

app = Flask(__name__)


@app.get("/signin")
def signin():
    return '<form method="get" action="/signin"><input type="password" name="pw"><button>Sign in</button></form>'
