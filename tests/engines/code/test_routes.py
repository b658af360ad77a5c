"""Requests are recognised in every form in which Flask and its kin take them."""

from __future__ import annotations

import pytest

from engines.code.reading import project, read

HEAD = "import sqlite3\nfrom flask import *\n"
SINK = 'sqlite3.connect("lab.db").execute("SELECT " + {})'

FORMS = {
    "decorator": 'app = Flask(__name__)\n@app.get("/<q>")\ndef v(q):\n    ' + SINK.format("q"),
    "decorator that is called": 'app = Flask(__name__)\napp.route("/<q>")(lambda q: ' + SINK.format("q") + ")",
    "blueprint": 'b = Blueprint("b", __name__)\n@b.route("/<q>")\ndef v(q):\n    ' + SINK.format("q"),
    "add_url_rule": 'app = Flask(__name__)\ndef v(q):\n    ' + SINK.format("q") + '\napp.add_url_rule("/<q>", view_func=v)',
    "MethodView": 'from flask.views import MethodView\napp = Flask(__name__)\nclass V(MethodView):\n    def post(self, q):\n        '
    + SINK.format("q") + '\napp.add_url_rule("/<q>", view_func=V.as_view("v"))',
    "factory": 'def create():\n    app = Flask(__name__)\n    @app.post("/")\n    def v():\n        ' + SINK.format('request.form["q"]') + "\n    return app",
    "unknown application": 'def init(application):\n    @application.route("/<q>")\n    def v(q):\n        ' + SINK.format("q"),
    "before_request": "app = Flask(__name__)\n@app.before_request\ndef v():\n    " + SINK.format('request.headers["X-Q"]'),
    "error handler": "app = Flask(__name__)\n@app.errorhandler(404)\ndef v(error):\n    " + SINK.format("request.url"),
    "async": 'app = Flask(__name__)\n@app.get("/")\nasync def v():\n    ' + SINK.format("request.args['q']"),
    "Flask-RESTful": "from flask_restful import Api, Resource\napp = Flask(__name__)\napi = Api(app)\nclass V(Resource):\n    def get(self, q):\n        "
    + SINK.format("q") + '\napi.add_resource(V, "/<q>")',
    "Flask-RESTX": 'from flask_restx import Namespace, Resource\nns = Namespace("n")\n@ns.route("/<q>")\nclass V(Resource):\n    def get(self, q):\n        '
    + SINK.format("q"),
    "behind a home-made decorator": "from functools import wraps\napp = Flask(__name__)\ndef signed_in(f):\n    @wraps(f)\n    def inner(*args, **kwargs):\n        return f(*args, **kwargs)\n    return inner\n"
    '@app.get("/<q>")\n@signed_in\ndef v(q):\n    ' + SINK.format("q"),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_form(form, tmp_path):
    result = read(project(tmp_path, {"app.py": HEAD + FORMS[form] + "\n"}))
    assert len(result.findings) == 1


@pytest.mark.parametrize("converter", ["int", "float", "uuid"])
def test_converted_parameters_are_harmless(converter, tmp_path):
    text = (
        HEAD + f'app = Flask(__name__)\n@app.get("/<{converter}:q>")\ndef v(q):\n    ' + SINK.format("str(q)")
    )
    assert read(project(tmp_path, {"app.py": text})).findings == ()


def test_connexion_by_its_openapi_file(tmp_path):
    spec = "openapi: 3.0.1\npaths:\n  /people/{name}:\n    get:\n      operationId: views.person\n      responses: {}\n"
    views = "import sqlite3\ndef person(name):\n    " + SINK.format("name") + "\n"
    app = (
        "import connexion\napp = connexion.App(__name__, specification_dir='api')\napp.add_api('spec.yml')\n"
    )
    result = read(project(tmp_path, {"app.py": app, "views.py": views, "api/spec.yml": spec}))
    assert [(item.location.path, item.route) for item in result.findings] == [
        ("views.py", "GET /people/<name>")
    ]


def test_a_finding_names_its_route_its_parameter_and_its_way(tmp_path):
    text = (
        HEAD
        + "app = Flask(__name__)\ndef find(text):\n    "
        + SINK.format("text")
        + '\n@app.post("/find")\ndef v():\n    find(request.form["q"])\n'
    )
    (finding,) = read(project(tmp_path, {"app.py": text})).findings
    assert (finding.route, finding.parameter, finding.location.line) == ("POST /find", "q", 5)
    assert [step.location.line for step in finding.trace] == [8, 5]
