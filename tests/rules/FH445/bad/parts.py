# engine: code
import requests
from flask import Flask, request

app = Flask(__name__)


@app.get("/preview")
def preview():
    scheme = "https" if request.args.get("safe") else "http"
    page = "?page=1" if request.args.get("first") else ""
    return requests.get(f"{scheme}://{request.args['host']}/letter{page}", timeout=5).content  # finds: FH445
