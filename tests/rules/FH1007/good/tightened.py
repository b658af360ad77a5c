from flask import Flask

from fumehood import Fumehood, public

app = Flask(__name__)
app.testing = True
Fumehood(app, settings={"login_tries": 3, "hosts": ["shop.example"], "session_seconds": 3600})


@app.get("/")
@public
def index():
    return "hello"
