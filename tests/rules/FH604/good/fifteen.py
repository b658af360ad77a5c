from flask import Flask

app = Flask(__name__)
app.config.update(SECURITY_PASSWORD_LENGTH_MIN=15)
