"""What a template shows is judged by where on the page it stands."""

from __future__ import annotations

import pytest

import fumehood.practices
from engines.code.reading import project
from fumehood.engines.code import Options, analyse
from fumehood.findings import discover

APP = """\
from flask import Flask, render_template, request
app = Flask(__name__)
@app.get("/")
def view():
    return render_template("page.html", q=request.args["q"], items=[request.args["q"], "x"], safe="fixed")
"""
RULES = [rule for rule in discover(fumehood.practices) if rule.id in ("FH443", "FH449")]


def found(root, page, **files):
    named = {f"templates/{name}.html": text for name, text in files.items()}
    root = project(root, {"app.py": APP, "templates/page.html": page, **named})
    findings = analyse(root, RULES, Options(cache=False, jobs=1)).findings
    return [(item.rule, item.location.path, item.location.line) for item in findings]


@pytest.mark.parametrize(
    ("markup", "rule"),
    [
        ("<p>\n{{ q|safe }}", "FH443"),
        ("\n{% autoescape false %}{{ q }}{% endautoescape %}", "FH443"),
        ("\n{% for item in items %}{{ item|safe }}{% endfor %}", "FH443"),
        ("\n{% set copy = q %}{{ copy|upper|safe }}", "FH443"),
        ("\n{{ request.args.q|safe }}", "FH443"),
        ("<script>\nlet a = {{ q }};</script>", "FH449"),
        ("\n<p onclick='go({{ q }})'>", "FH449"),
        ("\n<input value={{ q }}>", "FH449"),
        ("\n<a href='{{ q }}'>", "FH449"),
    ],
)
def test_dangerous_places(markup, rule, tmp_path):
    assert found(tmp_path, markup) == [(rule, "templates/page.html", 2)]


@pytest.mark.parametrize(
    "markup",
    [
        "{{ q }}",
        "<input value='{{ q }}'>",
        "<a href='/page/{{ q }}'>",
        "<script>let a = {{ q|tojson }};</script>",
        "<!-- {{ q }} -->",
        "{{ safe|safe }}",
        "<input value={{ safe }}>",
        "{{ q|length|safe }}",
    ],
)
def test_harmless_places(markup, tmp_path):
    assert found(tmp_path, markup) == []


def test_blocks_of_a_base_template(tmp_path):
    base = "<html>{% block body %}{% endblock %}"
    page = '{% extends "base.html" %}\n{% block body %}{{ q|safe }}{% endblock %}'
    assert found(tmp_path, page, base=base) == [("FH443", "templates/page.html", 2)]


def test_included_templates_and_macros(tmp_path):
    page = '{% include "part.html" %}{% from "macros.html" import shown %}{{ shown(q) }}'
    macros = "\n{% macro shown(text) %}{{ text|safe }}{% endmacro %}"
    assert sorted(found(tmp_path, page, part="{{ q|safe }}", macros=macros)) == [
        ("FH443", "templates/macros.html", 2),
        ("FH443", "templates/part.html", 1),
    ]


def test_a_broken_template_is_listed(tmp_path):
    root = project(tmp_path, {"app.py": APP, "templates/page.html": "{% if %}"})
    result = analyse(root, RULES, Options(cache=False, jobs=1))
    assert [item.where for item in result.not_covered] == ["templates/page.html"]
