# engine: code
"""What speaks about passwords and keys without holding one."""

import os

from flask import Flask, request

app = Flask(__name__)
app.config["API_KEY_HEADER"] = "X-Api-Key"
app.config["PASSWORD_RESET_URL"] = "https://accounts.example/reset"

TOKEN_TYPE = "Bearer"
PASSWORD_FIELD = "password"
SECRET_NAME = "projects/shop/secrets/db"
DB_PASSWORD = os.environ["DB_PASSWORD"]
API_KEY = os.environ.get("API_KEY", "")
PLACEHOLDER_TOKEN = "<your token here>"
password_prompt = "Enter your password: "
labels = {"password": "Password:", "token": "token", "secret": "${SHOP_SECRET}"}
people = [("marta", "Marta Ek"), ("jo", "Jo Lind")]


@app.post("/login")
def login():
    password = request.form["password"]
    if password == "":
        return "Which password?", 400
    return {"password_changed": "no"}


class Action:
    API_KEY = "api_key_is_required"
    PASSWORD_DETAIL_KEY = "password"


LIMITER_TOKEN_KEY = "Shop_limiter.token"
token_xpath = "//form/input[@name='token']/@value"
api_key = "unset"
DATABASE_HELP = "postgresql://user:password@host/shop"
passphrase_option = "--passphrase-fd 0"
settings = {"PASSWORD_STRENGTH_CHECKER": "zxcvbn", "PASSWORD_HASH_BACKEND": "argon"}
NOBODY = {"password": "$2b$12$C6UzMDM.H6dfI/f/IKcEeO7ZpYl0n0Wk7gFhCw2aQ9S1sXk5cQO2W"}
