from flask import Flask, abort, session

app = Flask(__name__)


def members_only(view):
    def asks(*args, **kwargs):
        if "person" not in session:
            abort(401)
        return view(*args, **kwargs)

    asks.__name__ = view.__name__
    return asks


@app.post("/a")
@members_only
def a():
    return {}


@app.post("/b")
@members_only
def b():
    return {}
