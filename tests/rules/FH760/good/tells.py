# engine: code
from flask import Flask, jsonify, render_template
from flask_login import current_user, login_required
from flask_sqlalchemy import SQLAlchemy

app = Flask(__name__)
db = SQLAlchemy(app)


class Post(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    text = db.Column(db.Text)


@app.route("/posts/<int:post_id>")
def post(post_id):
    return render_template("post.html", post=Post.query.get_or_404(post_id))


@app.route("/shared/<token>")
def shared(token):
    return jsonify(text=Post.query.filter_by(token=token).first_or_404().text)


@app.route("/drafts")
@login_required
def drafts():
    return jsonify([draft.text for draft in current_user.drafts])


@app.route("/drafts/count")
@login_required
def count():
    return jsonify(count=len(current_user.drafts))


@app.route("/me")
@login_required
def me():
    return jsonify(name=current_user.name)
