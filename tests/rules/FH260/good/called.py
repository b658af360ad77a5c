# engine: code
"""Names of things that have to do with keys, and what says that it is none."""

import os

from flask import Flask, session

app = Flask(__name__)
_session_key = "tunebook"
_SESSION_KEY = "__upload_builder"
TOKEN_SCOPE = "notes:read notes:write people:read people:write"
CLUSTER_SECRET = os.environ.get("CLUSTER_SECRET", "shop-cluster-config-secret")


def remember(value):
    session.setdefault(_session_key, {})["value"] = value
    session[_SESSION_KEY] = [value]


def client(auth_token=None):
    return {"Authorization": auth_token or "invalid:invalid"}
