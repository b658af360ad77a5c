# engine: code
"""Clients of a parcel service, as a team writes them on the first day."""

import os

import psycopg
import requests

CARRIER_API_KEY = "9f2c41d07be84a55b1c6e3a0d7f81b22"  # finds: FH260
MAIL = {"host": "mail.parcels.example", "user": "robot", "password": "Gr4vel!pit"}  # finds: FH260
JWT_SECRET = os.environ.get("JWT_SECRET") or "correct-horse-battery"  # finds: FH260
BROKER = "amqp://parcels:Sup3rRabbit@mq.internal/prod"  # finds: FH260
STAFF = "staff"

users = [
    ("marta", "Winter2024", "admin"),  # finds: FH260
    ("jo", "parcel99", "clerk"),
]


def database(password="Tr0mbone-47"):  # finds: FH260
    return psycopg.connect(host="db.internal", user="parcels", password=password)


def upload(path):
    session = requests.Session()
    session.auth_token = "AKIA2E0A8F3B244C9986"  # finds: FH260
    return session.post("https://carrier.example/labels", data=path)


def is_operator(password):
    return password == "letmein-42"  # finds: FH260
