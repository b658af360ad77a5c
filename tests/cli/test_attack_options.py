"""``fumehood audit --attack`` with people of the application, and the map of who may come where."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from fumehood.cli import fumehood

# An application that nobody can sign up to: its people are made by hand, with hashed passwords.
APP = """
from flask import Flask, abort, jsonify, redirect, request, session
from werkzeug.security import check_password_hash, generate_password_hash
app = Flask(__name__)
app.secret_key = "of a test, and no secret"
hashed = lambda text: generate_password_hash(text, "pbkdf2:sha256:1000")
PEOPLE = {"ann": (hashed("ann's own words"), "reader"), "bob": (hashed("bob's own words"), "admin")}

def who():
    name = SESSION
    return name if name in PEOPLE else abort(401)

@app.get("/")
def index():
    return "open to all"

LOGIN

@app.get("/notes")
def notes():
    return "notes of " + who()

@app.get("/admin")
def admin():
    if PEOPLE[who()][1] != "admin":
        abort(403)
    return "all people"
"""
FORM = """
@app.route("/login", methods=["GET", "POST"])
def login():
    if request.method == "GET":
        session["shown"] = "t0ken-of-the-form"
        return '<form method=post><input type=hidden name=csrf value="t0ken-of-the-form"><input name=username><input type=password name=password></form>'
    if request.form.get("csrf") != session.get("shown"):
        abort(400)
    name = request.form["username"]
    if name not in PEOPLE or not check_password_hash(PEOPLE[name][0], request.form["password"]):
        return redirect("/login")
    session["name"] = name
    return redirect("/notes")
"""
TOKEN = """
from itsdangerous import BadSignature, URLSafeSerializer
signer = URLSafeSerializer("of a test")

def named():
    try:
        return signer.loads(request.headers.get("Authorization", "").removeprefix("Bearer "))
    except BadSignature:
        return ""

@app.post("/api/token")
def token():
    data = request.get_json()
    name = data["username"]
    if name not in PEOPLE or not check_password_hash(PEOPLE[name][0], data["password"]):
        return jsonify(error="no"), 401
    return jsonify(data={"access_token": signer.dumps(name)})
"""
PEOPLE = """
[[person]]
name = "ann"
user = "ann"
password = "ann's own words"

[[person]]
name = "bob"
user = "bob"
password = "{bob}"
role = "admin"
"""


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(folder: Path, *, by_token: bool = False, bob: str = "bob's own words") -> None:
    source = APP.replace("LOGIN", TOKEN if by_token else FORM)
    (folder / "app.py").write_text(
        source.replace("SESSION", "named()" if by_token else 'session.get("name")')
    )
    (folder / "people.toml").write_text(PEOPLE.format(bob=bob))


def attack(*arguments: str) -> Result:
    options = ["--app", "app", "--only", "attack", "--attack", "--yes", "--fail-on", "never"]
    return CliRunner().invoke(fumehood, ["audit", *options, *arguments], prog_name="fumehood")


@pytest.mark.parametrize("by_token", [False, True], ids=["form", "token"])
def test_people_of_the_file_are_signed_in_and_the_map_says_where_each_may_come(
    shop: Path, by_token: bool
) -> None:
    write(shop, by_token=by_token)
    made = attack("--people", "people.toml", "--access", "access.toml", "--write-access")
    assert made.exit_code == 0, made.output
    assert "databases fumehood_attack_" in made.output  # what it will do is said also where nobody is asked
    assert "attacking: survey (0 of" in made.output
    access = tomllib.loads((shop / "access.toml").read_text())
    assert access["GET /"] == {"nobody": True, "ann": True, "bob": True}
    assert access["GET /notes"] == {"nobody": False, "ann": True, "bob": True}
    assert access["GET /admin"] == {"nobody": False, "ann": False, "bob": True}

    same = attack("--people", "people.toml", "--access", "access.toml")
    assert same.exit_code == 0, same.output
    source = (shop / "app.py").read_text()
    (shop / "app.py").write_text(source.replace('if PEOPLE[who()][1] != "admin":', "if not who():"))
    opened = attack("--people", "people.toml", "--access", "access.toml")
    assert opened.exit_code == 1
    assert "more open than access.toml: GET /admin lets ann in" in opened.output
    (shop / "app.py").write_text(source + '\n@app.get("/new")\ndef new():\n    return "new"\n')
    added = attack("--people", "people.toml", "--access", "access.toml")
    assert added.exit_code == 1
    assert "GET /new lets nobody in, and is not in the file" in added.output


def test_somebody_who_cannot_sign_in_is_named(shop: Path) -> None:
    write(shop, bob="not bob's words")
    result = attack("--people", "people.toml")
    assert result.exit_code == 2
    assert "bob of people.toml cannot sign in: POST /login refuses the password" in result.output


@pytest.mark.parametrize(
    ("people", "said"),
    [
        ("", "names nobody"),
        ("[[person]]\nuser = 'ann'\n", "needs user or email, and password"),
        ("[[person]]\nuser = 'ann'\npassword = 'x'\nage = 3\n", "age"),
        (
            "[[person]]\nuser = 'ann'\npassword = 'x'\n[[person]]\nuser = 'ann'\npassword = 'y'\n",
            "two people are called ann",
        ),
        ("[[person\n", "is not TOML"),
    ],
)
def test_a_file_of_people_that_is_wrong_is_an_error(shop: Path, people: str, said: str) -> None:
    write(shop)
    (shop / "people.toml").write_text(people)
    result = attack("--people", "people.toml")
    assert result.exit_code == 2
    assert said in result.output
    assert "Traceback" not in result.output


def test_an_access_map_needs_an_attack_and_a_file_that_can_be_read(shop: Path) -> None:
    write(shop)
    assert (
        "--attack --access access.toml"
        in CliRunner().invoke(fumehood, ["audit", "--access", "access.toml"]).output
    )
    missing = attack("--access", "none.toml")
    assert missing.exit_code == 2
    assert "--write-access makes an access map" in missing.output
