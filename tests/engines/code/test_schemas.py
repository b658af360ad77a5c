"""Forms, models and schemas let through what they say, and nothing else is taken for checked."""

from __future__ import annotations

import pytest

from engines.code.reading import project, read

HEAD = "import sqlite3\nfrom flask import Flask, request\ndb = sqlite3.connect('lab.db')\napp = Flask(__name__)\n"
WTFORMS = """
from flask_wtf import FlaskForm
from wtforms import IntegerField, SelectField, StringField, ValidationError
from wtforms.validators import AnyOf, Length, Regexp
class F(FlaskForm):
    text = StringField("text", validators=[Length(max=20)])
    loose = StringField("loose", [Regexp("[a-z]+")])
    code = StringField("code", [Regexp("^[a-z]+$")])
    kind = SelectField("kind", choices=[("a", "A")])
    one = StringField("one", [AnyOf(["x", "y"])])
    count = IntegerField("count")
    looked = StringField("looked")
    def validate_looked(self, field):
        if not field.data.isalnum():
            raise ValidationError("letters only")
@app.post("/")
def view():
    form = F()
    if not form.validate_on_submit():
        return "no"
    db.execute(f"SELECT {form.FIELD.data}")
    return "yes"
"""
PYDANTIC = """
from enum import Enum
from typing import Annotated, Literal
from uuid import UUID
from pydantic import BaseModel, Field, field_validator
class Kind(str, Enum):
    a = "a"
class M(BaseModel):
    text: str
    loose: str = Field(pattern="[a-z]+")
    code: Annotated[str, Field(pattern="^[a-z]+$")]
    kind: Kind
    one: Literal["x", "y"]
    count: int
    key: UUID
    looked: str
    @field_validator("looked")
    @classmethod
    def letters(cls, value):
        if not value.isalnum():
            raise ValueError("letters only")
        return value
@app.post("/")
def view():
    body = MAKE
    db.execute(f"SELECT {body.FIELD}")
    return "yes"
"""
MARSHMALLOW = """
from marshmallow import Schema, fields, validate, validates, ValidationError
class S(Schema):
    text = fields.String(required=True)
    loose = fields.String(validate=validate.Regexp("[a-z]+"))
    code = fields.String(validate=[validate.Length(max=3), validate.Regexp("^[a-z]+$")])
    one = fields.String(validate=validate.OneOf(["x", "y"]))
    count = fields.Integer()
    looked = fields.String()
    @validates("looked")
    def letters(self, value):
        if not value.isalnum():
            raise ValidationError("letters only")
@app.post("/")
def view():
    body = S().load(request.get_json())
    db.execute(f"SELECT {body['FIELD']}")
    return "yes"
"""
ERRORS = MARSHMALLOW.replace(
    "body = S().load(request.get_json())",
    "body = request.get_json()\n    if S().validate(body):\n        return 'no'",
)
JSON_SCHEMA = """
import jsonschema
SCHEMA = {"properties": {"text": {"type": "string"}, "count": {"type": "integer"}, "one": {"enum": ["x", "y"]},
                         "code": {"type": "string", "pattern": "^[a-z]+$"}}}
@app.post("/")
def view():
    body = request.get_json()
    jsonschema.validate(body, SCHEMA)
    db.execute(f"SELECT {body['FIELD']}")
    return "yes"
"""
MADE = {
    "pydantic spread": PYDANTIC.replace("MAKE", "M(**request.get_json())"),
    "pydantic validated": PYDANTIC.replace("MAKE", "M.model_validate(request.get_json())"),
    "pydantic json": PYDANTIC.replace("MAKE", "M.model_validate_json(request.data)"),
}
ALL = {
    "wtforms": WTFORMS,
    "marshmallow": MARSHMALLOW,
    "marshmallow errors": ERRORS,
    "json schema": JSON_SCHEMA,
    **MADE,
}


def _findings(root, name, field):
    return read(project(root, {"app.py": HEAD + ALL[name].replace("FIELD", field)})).findings


@pytest.mark.parametrize("name", ALL)
def test_free_text_stays_dangerous(name, tmp_path):
    assert len(_findings(tmp_path, name, "text")) == 1


@pytest.mark.parametrize("name", [name for name in ALL if "schema" not in name])
def test_pattern_without_an_end_is_no_check(name, tmp_path):
    assert len(_findings(tmp_path, name, "loose")) == 1


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("field", ["code", "one", "count"])
def test_what_a_field_fixes_is_harmless(name, field, tmp_path):
    assert not _findings(tmp_path, name, field)


@pytest.mark.parametrize("name", ["wtforms", "marshmallow", *MADE])
def test_the_programs_own_check_of_a_field_counts(name, tmp_path):
    assert not _findings(tmp_path, name, "looked")


@pytest.mark.parametrize("field", ["kind", "code", "looked"])
def test_form_that_was_not_validated_is_dangerous(field, tmp_path):
    text = WTFORMS.replace("if not form.validate_on_submit()", "if request.args.get('stop')").replace(
        "FIELD", field
    )
    assert len(read(project(tmp_path, {"app.py": HEAD + text})).findings) == 1


@pytest.mark.parametrize("name", ["kind", "key"])
def test_enumerations_and_uuids_of_a_model_are_harmless(name, tmp_path):
    assert not _findings(tmp_path, "pydantic validated", name)
