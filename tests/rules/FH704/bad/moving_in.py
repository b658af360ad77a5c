from flask import Flask

from fumehood import Fumehood

app = Flask(__name__)
app.testing = True
app.config.update(FUMEHOOD_UNDECLARED="warn")  # finds: FH704
Fumehood(app)


@app.get("/")
def index():
    return "hello"
