# engine: code
from flask import Flask, request, session
from flask_login import login_required, logout_user
from flask_sqlalchemy import SQLAlchemy

app = Flask(__name__)
db = SQLAlchemy(app)


class Token(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    user_id = db.Column(db.Integer)


@app.route("/shutdown")
@login_required
def shutdown():  # finds: FH504
    server = app.extensions["server"]
    server.stop(restart=request.args.get("again") == "1")
    return {"text": "stopped"}


@app.route("/ajax/full-sync")
@login_required
def full_sync():  # finds: FH504
    count = Token.query.filter(Token.user_id == session["user"]).delete()
    db.session.commit()
    return {"removed": count}


@app.route("/logout")
def leave():  # finds: FH504
    logout_user()
    return {}


class Server:
    def __init__(self, server):
        self.server = server

    def stop(self):
        self.server.close()


server = Server(app.extensions["server"])


@app.route("/admin/restart")
@login_required
def restart():  # finds: FH504
    server.stop()
    return {"text": "restarting"}
