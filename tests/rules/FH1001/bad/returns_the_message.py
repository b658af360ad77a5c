from flask import Flask

app = Flask(__name__)


@app.errorhandler(500)
def failed(error):  # finds: FH1001
    return f"<h1>Error</h1><pre>{error.original_exception}</pre>", 500


@app.get("/")
def index():
    return "hello"
