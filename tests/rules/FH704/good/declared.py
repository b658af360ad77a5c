from flask import Flask

from fumehood import Fumehood

app = Flask(__name__)
app.testing = True
hood = Fumehood(app)


@app.get("/")
@hood.public
def index():
    return "hello"
