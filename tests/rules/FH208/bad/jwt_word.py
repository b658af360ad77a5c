import secrets

from flask import Flask

app = Flask(__name__)
app.config["SECRET_KEY"] = secrets.token_hex(32)
app.config["JWT_SECRET_KEY"] = "super-secret"  # finds: FH208
