import secrets

from flask import Flask

app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = f"postgresql://notes:{secrets.token_urlsafe(24)}@localhost/notes"
