from flask import Flask

app = Flask(__name__)


@app.template_global()
def shout(text):
    return text.upper()
