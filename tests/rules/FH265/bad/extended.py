# engine: code
from flask import Flask
from flask_jwt_extended import JWTManager

app = Flask(__name__)
app.config["JWT_ACCESS_TOKEN_EXPIRES"] = False  # finds: FH265
JWTManager(app)
