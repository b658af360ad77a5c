from flask import Flask

app = Flask(__name__)
app.config.update(JWT_TOKEN_LOCATION=["headers"], JWT_COOKIE_CSRF_PROTECT=False, WTF_CSRF_ENABLED=True)
