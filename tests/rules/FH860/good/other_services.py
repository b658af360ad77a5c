# engine: code
"""What another service calls finding is no query of MongoDB."""

import paymentservice
from flask import Flask, request

app = Flask(__name__)


@app.post("/payments/verify")
def verify():
    payment = paymentservice.Payment.find(request.get_json()["payment"])
    return {"paid": bool(payment)}
