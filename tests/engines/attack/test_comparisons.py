"""Flaws that no single call shows are proved by comparing answers; the same application without them is left alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from fumehood.findings import Certainty, Finding

# A token API over SQLite. Words in capitals are replaced by a sound part or by a weak one.
API = """
import hashlib, hmac, io, json, re, secrets, smtplib, sqlite3, tarfile, time, zipfile
from email.message import EmailMessage
from pathlib import Path
import jwt
from flask import Flask, abort, jsonify, request
from werkzeug.security import check_password_hash, generate_password_hash

app = Flask(__name__)
app.config["JWT_SECRET_KEY"] = KEY
HOSTS
NOBODY = generate_password_hash("nobody's", "pbkdf2:sha256:60000")
ended, tries = set(), {}
db = sqlite3.connect(app.root_path + "/shop.db", check_same_thread=False, isolation_level=None)

def connect():
    connection = sqlite3.connect(app.root_path + "/shop.db", isolation_level=None)
    connection.row_factory = sqlite3.Row
    return connection

db.execute("CREATE TABLE IF NOT EXISTS users (id INTEGER PRIMARY KEY, username TEXT UNIQUE, email TEXT, password TEXT, is_admin INTEGER DEFAULT 0, balance INTEGER DEFAULT 100)")
db.close()

@app.post("/register")
def register():
    data = request.get_json()
    fields = {"username": data["username"], "email": data["email"], "password": generate_password_hash(data["password"], "pbkdf2:sha256:60000")}
    FIELDS
    with connect() as db:
        names = ", ".join(fields)
        db.execute(f"INSERT INTO users ({names}) VALUES ({', '.join('?' * len(fields))})", list(fields.values()))
    return jsonify(made=True), 201

@app.post("/login")
def login():
    data = request.get_json()
    name = data["username"]
    THROTTLE
    with connect() as db:
        row = db.execute("SELECT * FROM users WHERE username = ?", (name,)).fetchone()
    if row is None:
        UNKNOWN
    if not check_password_hash(row["password"], data["password"]):
        tries[name] = tries.get(name, 0) + 1
        return jsonify(error="wrong name or password"), 401
    claims = {"sub": name, "jti": secrets.token_hex(8), "exp": int(time.time()) + 600}
    return jsonify(access_token=jwt.encode(claims, app.config["JWT_SECRET_KEY"], "HS256"))

def me():
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    try:
        claims = jwt.decode(token, DECODE)
    except jwt.InvalidTokenError:
        abort(401)
    if claims.get("jti") in ended:
        abort(401)
    return claims

@app.get("/me")
def mine():
    with connect() as db:
        row = db.execute("SELECT username, balance FROM users WHERE username = ?", (me()["sub"],)).fetchone()
    return jsonify(dict(row))

@app.post("/logout")
def logout():
    claims = me()
    ENDS
    return jsonify(left=True)

@app.post("/forgot")
def forgot():
    address = request.get_json()["email"]
    with connect() as db:
        row = db.execute("SELECT * FROM users WHERE email = ?", (address,)).fetchone()
    if row:
        message = EmailMessage()
        message["To"], message["From"], message["Subject"] = address, "shop@example.org", "Your password"
        message.set_content(f"BASEreset/{secrets.token_hex(16)}")
        with smtplib.SMTP("mail.example.org") as server:
            server.send_message(message)
    FORGOT
    return jsonify(sent="if there is such an account")

@app.post("/pay")
def pay():
    amount = int(request.get_json()["amount"])
    name = me()["sub"]
    if amount <= 0:
        abort(400)
    with connect() as db:
        PAY
    return jsonify(paid=amount)

@app.get("/check")
def check():
    return jsonify(good=bool(re.fullmatch(r"PATTERN", request.args.get("code", "")[:200])))

@app.post("/import")
def take():
    folder = Path(app.root_path, "import", secrets.token_hex(4))
    folder.mkdir(parents=True)
    data = request.files["archive"].read()
    names = []
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for name in archive.namelist():
                INSIDE
                place = folder / name
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(archive.read(name))
    except zipfile.BadZipFile:
        return "no archive", 400
    return "unpacked"

@app.get("/<path:name>")
def file(name):
    FILES
"""

SOUND = {
    "KEY": "secrets.token_hex(32)",
    "HOSTS": 'app.config["TRUSTED_HOSTS"] = ["localhost"]',
    "FIELDS": "pass",
    "THROTTLE": "if tries.get(name, 0) >= 10: abort(429)",
    "UNKNOWN": 'check_password_hash(NOBODY, data["password"]); tries[name] = tries.get(name, 0) + 1; return jsonify(error="wrong name or password"), 401',
    "DECODE": 'app.config["JWT_SECRET_KEY"], algorithms=["HS256"]',
    "ENDS": 'ended.add(claims["jti"])',
    "BASE": "https://shop.example.org/",
    "FORGOT": "pass",
    "PAY": 'changed = db.execute("UPDATE users SET balance = balance - ? WHERE username = ? AND balance >= ?", (amount, name, amount)).rowcount\n        if not changed: abort(409)',
    "PATTERN": "[a-z0-9]+",
    "INSIDE": "if not (folder / name).resolve().is_relative_to(folder.resolve()): abort(400)",
    "FILES": "abort(404)",
}
UNCHECKED = 'db.execute("UPDATE users SET balance = balance - ? WHERE username = ?", (amount, name))'
ASKED = 'db.execute("SELECT balance FROM users WHERE username = ?", (name,)).fetchone()[0]'

WEAK: dict[str, tuple[str, str, set[str]]] = {
    "known key": ("KEY", '"jwt-secret-key"', {"FH208 "}),
    "mass assignment": ("FIELDS", 'fields.update({key: value for key, value in data.items() if key in {"is_admin", "balance"}})', {"FH762 POST /register"}),
    "no throttle": ("THROTTLE", "pass", {"FH602 POST /login"}),
    "told by answer": ("UNKNOWN", 'return jsonify(error="no such user"), 404', {"FH605 POST /login"}),
    "told by time": ("UNKNOWN", 'return jsonify(error="wrong name or password"), 401', {"FH605 POST /login"}),
    "unsigned token": ("DECODE", 'options={"verify_signature": False}', {"FH262 GET /me"}),
    "expired token": ("DECODE", 'app.config["JWT_SECRET_KEY"], algorithms=["HS256"], options={"verify_exp": False}', {"FH262 GET /me"}),
    "token after logout": ("ENDS", "pass", {"FH765 POST /logout"}),
    "poisoned mail": ("BASE", "{request.host_url}", {"FH402 POST /forgot"}),
    "told by reset": ("FORGOT", 'if not row: return jsonify(error="nobody has this address"), 404', {"FH605 POST /forgot"}),
    "race": ("PAY", f"if {ASKED} < amount: abort(409)\n        {UNCHECKED}", {"FH862 POST /pay"}),
    "slow pattern": ("PATTERN", "([a-z0-9]+)+", {"FH462 GET /check"}),
    "zip slip": ("INSIDE", "pass", {"FH963 POST /import"}),
    "exposed file": ("FILES", 'return (Path(app.root_path) / name).read_text() if (Path(app.root_path) / name).is_file() else abort(404)', {"FH705 GET /app.py"}),
}  # fmt: skip
RULES = ("FH208", "FH262", "FH402", "FH462", "FH602", "FH605", "FH705", "FH762", "FH765", "FH766", "FH768", "FH769", "FH862", "FH962", "FH963")  # fmt: skip


def api(**parts: str) -> str:
    text = API
    for name, value in {**SOUND, **parts}.items():
        text = (
            text.replace(name, value)
            if name != "KEY"
            else text.replace('["JWT_SECRET_KEY"] = KEY', f'["JWT_SECRET_KEY"] = {value}')
        )
    return text


def flaws(findings: list[Finding]) -> set[str]:
    assert all(item.certainty is Certainty.CONFIRMED for item in findings)
    return {f"{item.rule} {item.route}" for item in findings}


def test_a_sound_application_is_left_alone(attacked: Callable[..., Any]) -> None:
    result = attacked(api(), *RULES)
    assert result.people == ["ada", "bea"]
    assert [(item.rule, item.route, item.message) for item in result.findings] == []


@pytest.mark.parametrize("flaw", WEAK)
def test_each_flaw_is_proved(attacked: Callable[..., Any], flaw: str) -> None:
    part, weak, expected = WEAK[flaw]
    hosts = {"HOSTS": "pass"} if part == "BASE" else {}
    result = attacked(api(**{part: weak, **hosts}), *{item.split()[0] for item in expected})
    assert flaws(result.findings) == expected
