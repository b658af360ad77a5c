"""Flask's kin hand requests to views in their own ways; routes have the address that a browser sees."""

from __future__ import annotations

import pytest

from engines.code.reading import project, read

HEAD = "import sqlite3\nfrom flask import Blueprint, Flask\ndb = sqlite3.connect('lab.db')\napp = Flask(__name__)\n"
RUN = "db.execute('SELECT ' + {})\n"
SCHEMA = (
    "from marshmallow import Schema, fields, validate\nclass S(Schema):\n    text = fields.String()\n    count = fields.Integer()\n"
    "    order = fields.String(validate=validate.OneOf(['a', 'b']))\n"
)
PARSER = (
    "from flask_restful import Resource, Api, reqparse\nparser = reqparse.RequestParser()\nparser.add_argument('text')\n"
    "parser.add_argument('count', type=int)\nparser.add_argument('order', choices=('a', 'b'))\nclass V(Resource):\n    def post(self):\n"
    "        args = parser.parse_args()\n        " + RUN + "Api(app).add_resource(V, '/')\n"
)
SMOREST = (
    SCHEMA
    + "from flask_smorest import Blueprint as B\nfrom flask.views import MethodView\nb = B('b', 'b', url_prefix='/b')\n@b.route('/<int:n>')\n"
    "class V(MethodView):\n    @b.arguments(S)\n    def post(self, args, n):\n        " + RUN
)
APIFLASK = (
    SCHEMA
    + "from apiflask import APIFlask\na = APIFlask('a')\n@a.post('/')\n@a.input(S)\ndef v(json_data):\n    args = json_data\n    "
    + RUN
)
FORMS = {"reqparse": PARSER, "smorest": SMOREST, "apiflask": APIFLASK}


@pytest.mark.parametrize("name", FORMS)
def test_parsed_text_is_a_requests(name, tmp_path):
    assert len(read(project(tmp_path, {"app.py": HEAD + FORMS[name].format("args['text']")})).findings) == 1


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("field", ["count", "order"])
def test_what_a_schema_fixes_is_harmless(name, field, tmp_path):
    text = HEAD + FORMS[name].format(f"str(args['{field}'])")
    assert not read(project(tmp_path, {"app.py": text})).findings


ADDRESSES = {
    "mounted": ("b = Blueprint('b', __name__)\n@b.get('/x')\ndef v(): return ''\napp.register_blueprint(b, url_prefix='/b')", "GET /b/x"),
    "own prefix": ("b = Blueprint('b', __name__, url_prefix='/own')\n@b.get('/x')\ndef v(): return ''\napp.register_blueprint(b)", "GET /own/x"),
    "nested": (
        ("a = Blueprint('a', __name__, url_prefix='/a')\nb = Blueprint('b', __name__, url_prefix='/b')\n@b.get('/x')\ndef v(): return ''\n"
        "a.register_blueprint(b)\napp.register_blueprint(a)"),
        "GET /a/b/x",
    ),
    "namespace": (
        ("from flask_restx import Api, Namespace, Resource\nn = Namespace('n')\nApi(app).add_namespace(n)\n@n.route('/x')\nclass V(Resource):\n"
        "    def get(self): return {}"),
        "GET /n/x",
    ),
    "classful": ("from flask_classful import FlaskView\nclass NotesView(FlaskView):\n    def get(self, id): return ''\nNotesView.register(app)", "GET /notes/<id>"),
    "exposed": ("from flask_appbuilder import BaseView, expose\nclass V(BaseView):\n    route_base = '/v'\n    @expose('/x')\n    def x(self): return ''", "GET /v/x"),
    "View": (
        ("from flask.views import View\nclass V(View):\n    methods = ['POST']\n    def dispatch_request(self): return ''\n"
        "app.add_url_rule('/x', view_func=V.as_view('v'))"),
        "POST /x",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ADDRESSES)
def test_whole_addresses(name, tmp_path):
    body, route = ADDRESSES[name]
    assert [item.route for item in read(project(tmp_path, {"app.py": HEAD + body + "\n"})).routes] == [route]


def test_prefixes_of_two_applications_stay_apart(tmp_path):
    one = HEAD + "from pages import b\napp.register_blueprint(b, url_prefix='/{}')\n"
    pages = "from flask import Blueprint\nb = Blueprint('b', __name__)\n@b.get('/x')\ndef v(): return ''\n"
    files = {
        "one/app.py": one.format(1),
        "one/pages.py": pages,
        "two/app.py": one.format(2),
        "two/pages.py": pages,
    }
    assert sorted(item.route for item in read(project(tmp_path, files)).routes) == ["GET /1/x", "GET /2/x"]


SOCKETS = (
    "from flask_socketio import Namespace, SocketIO\nio = SocketIO(app)\n@io.on('run')\ndef handler(data, count: int):\n    "
    + RUN
)
NAMESPACE = (
    "from flask_socketio import Namespace\nclass N(Namespace):\n    def on_run(self, data, count: int):\n        "
    + RUN
)
GRAPHENE = (
    "import graphene\nclass Query(graphene.ObjectType):\n"
    "    person = graphene.Field(graphene.String, data=graphene.String(), count=graphene.Int())\n"
    "    def resolve_person(self, info, data, count):\n        " + RUN
)
ARIADNE = (
    "from ariadne import QueryType\nq = QueryType()\n@q.field('x')\ndef x(_, info, data, count: int):\n    "
    + RUN
)
STRAWBERRY = (
    "import strawberry\n@strawberry.type\nclass Query:\n    @strawberry.field\n    def person(self, data: str, count: int) -> str:\n        "
    + RUN
)
EVENTS = {
    "socket.io": SOCKETS,
    "namespace": NAMESPACE,
    "graphene": GRAPHENE,
    "ariadne": ARIADNE,
    "strawberry": STRAWBERRY,
}


@pytest.mark.parametrize("name", EVENTS)
def test_events_and_resolvers_take_what_a_visitor_sends(name, tmp_path):
    assert len(read(project(tmp_path, {"app.py": HEAD + EVENTS[name].format("data")})).findings) == 1


@pytest.mark.parametrize("name", EVENTS)
def test_numbers_of_events_and_resolvers_are_harmless(name, tmp_path):
    assert not read(project(tmp_path, {"app.py": HEAD + EVENTS[name].format("str(count)")})).findings


ADMIN = """
from flask_admin import Admin, AdminIndexView, BaseView, expose
class Tools(BaseView):
    @expose("/run/")
    def run(self):
        return ""
class Rooms(BaseView):
    @expose("/")
    def index(self):
        return ""
class Home(AdminIndexView):
    @expose("/")
    def index(self):
        return ""
admin = Admin(app, url="/staff", index_view=Home())
admin.add_view(Tools(name="Tools", endpoint="tool"))
admin.add_view(Rooms())
"""


def test_flask_admin_puts_views_below_its_own_address(tmp_path):
    routes = read(project(tmp_path, {"app.py": HEAD + ADMIN})).routes
    assert {route.rule for route in routes} == {"/staff/tool/run/", "/staff/rooms/", "/staff/"}


def test_rows_of_a_cursor_that_is_walked_through_were_stored(tmp_path):
    text = (
        "# engine: code\nimport sqlite3\nfrom flask import Flask, jsonify\napp = Flask(__name__)\n@app.get('/')\ndef view():\n"
        "    return jsonify([dict(row) for row in sqlite3.connect('lab.db').execute('SELECT * FROM users')])\n"
    )
    from fumehood.engines.code import Options, analyse
    from fumehood.practices.audits.rules.personal_data_returned import PersonalDataReturned

    found = analyse(
        project(tmp_path, {"app.py": text}), [PersonalDataReturned()], Options(cache=False, jobs=1)
    )
    assert [finding.message for finding in found.findings] == ["The answer holds every column of users."]


OPENAPI3 = (
    "from flask_openapi3 import OpenAPI\nfrom pydantic import BaseModel\nweb = OpenAPI('web')\nclass Q(BaseModel):\n    data: str\n"
    "    count: int\n@web.get('/')\ndef v(query: Q):\n    db.execute(f'SELECT {query.FIELD}')\n    return {}\n"
)


@pytest.mark.parametrize(("field", "found"), [("data", 1), ("count", 0)])
def test_models_that_are_handed_to_views_were_validated(field, found, tmp_path):
    text = HEAD + OPENAPI3.replace("FIELD", field)
    assert len(read(project(tmp_path, {"app.py": text})).findings) == found


PACKAGED = {
    "pyproject.toml": '[project]\nname = "Flask"\n',
    "setup.cfg": "[metadata]\nname = Flask\n",
    "setup.py": "from setuptools import setup\nsetup(name='Flask')\n",
}


@pytest.mark.parametrize("file", PACKAGED)
def test_the_examples_of_a_librarys_own_repository_are_read_as_applications(file, tmp_path):
    library = {
        "src/flask/__init__.py": "from .app import Flask\n",
        "src/flask/app.py": "class Flask:\n    pass\n",
    }
    example = {"examples/shop/app.py": HEAD + "@app.get('/x')\ndef v(): return ''\n"}
    read_so = read(project(tmp_path, {file: PACKAGED[file], **library, **example}))
    assert [item.route for item in read_so.routes] == ["GET /x"]


def test_a_program_of_the_projects_own_may_have_a_librarys_name(tmp_path):
    files = {
        "pyproject.toml": '[project]\nname = "shop"\n',
        "app.py": HEAD + "from shop import views\nviews.add(app)\n",
        "shop/__init__.py": "",
        "shop/views.py": "def v(): return ''\ndef add(app): app.add_url_rule('/x', view_func=v)\n",
    }
    assert [item.route for item in read(project(tmp_path, files)).routes] == ["GET /x"]
