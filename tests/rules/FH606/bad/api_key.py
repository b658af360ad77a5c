from flask import Flask

app = Flask(__name__)


@app.get("/export/<api_key>/notes.json")
def export(api_key):  # finds: FH606
    return {"notes": []}
