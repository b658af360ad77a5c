from flask import Flask

app = Flask(__name__)
app.config.update(
    JWT_TOKEN_LOCATION=["cookies"],
    JWT_COOKIE_CSRF_PROTECT=False,  # finds: FH503
)
