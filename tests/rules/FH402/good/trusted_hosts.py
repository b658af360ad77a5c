from flask import Flask

app = Flask(__name__)
app.config["TRUSTED_HOSTS"] = [".notes.example"]


@app.get("/")
def index():
    return "notes"
