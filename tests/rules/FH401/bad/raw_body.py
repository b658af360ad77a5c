# finds: FH401
from flask import Flask, request

app = Flask(__name__)


@app.put("/draft")
def draft():
    return {"length": len(request.get_data())}
