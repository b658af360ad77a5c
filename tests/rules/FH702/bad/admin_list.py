from flask import Flask

app = Flask(__name__)


@app.get("/admin/")
def admin():  # finds: FH702
    return "<h1>All people</h1>"
