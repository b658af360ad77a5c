import os

from flask import Flask

from fumehood import Fumehood, public

os.environ["FUMEHOOD_HSTS_SECONDS"] = "300"
app = Flask(__name__)
app.testing = True
app.config["FUMEHOOD_SINKS"] = "watch"  # finds: FH1007
Fumehood(app)
del os.environ["FUMEHOOD_HSTS_SECONDS"]


@app.get("/")
@public
def index():
    return "hello"
