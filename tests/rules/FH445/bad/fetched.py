# engine: code
import urllib.request

import requests
from flask import Flask, request

app = Flask(__name__)


@app.get("/preview")
def preview():
    return {"text": requests.get(request.args["url"], timeout=5).text}  # finds: FH445


@app.get("/host")
def host():
    with urllib.request.urlopen(f"https://{request.args['host']}/status") as answer:  # finds: FH445
        return {"status": answer.status}
