"""Flask-WTF's forms and templates work as they stand."""

from __future__ import annotations

import pytest
from flask import render_template_string
from flask_wtf import FlaskForm
from flask_wtf.csrf import CSRFProtect
from wtforms import StringField
from wtforms.validators import DataRequired

from fumehood import Fumehood, public
from hooded import HTTPS, SAME_ORIGIN, bare_app, browser, hooded_app


class NoteForm(FlaskForm):
    title = StringField(validators=[DataRequired()])


def views(app):
    @app.route("/write", methods=["GET", "POST"])
    @public
    def write():
        form = NoteForm()
        if form.validate_on_submit():
            return "saved"
        return render_template_string("{{ form.hidden_tag() }}|{{ form.errors }}", form=form)

    @app.post("/hook")
    @Fumehood.csrf_exempt
    @public
    def hook():
        return "saved" if NoteForm().validate() else "not saved"

    app.add_url_rule(
        "/both",
        "both",
        public(
            lambda: render_template_string(
                "{{ f.csrf_token.current_token }} {{ csrf_token() }}", f=NoteForm()
            )
        ),
    )
    return app


@pytest.fixture
def client(tmp_path):
    return browser(views(hooded_app(tmp_path)))


def hidden(client):
    return client.get("/write", base_url=HTTPS).text.partition('value="')[2].partition('"')[0]


def test_a_form_is_saved_by_the_browsers_word(client):
    assert client.post("/write", base_url=HTTPS, headers=SAME_ORIGIN, data={"title": "a"}).text == "saved"


def test_a_form_is_saved_by_its_token(client):
    assert (
        client.post("/write", base_url=HTTPS, data={"title": "a", "csrf_token": hidden(client)}).text
        == "saved"
    )


def test_a_form_without_either_is_refused(client):
    assert client.post("/write", base_url=HTTPS, data={"title": "a"}).status_code == 403


def test_a_form_still_says_what_else_is_wrong(client):
    answer = client.post("/write", base_url=HTTPS, headers=SAME_ORIGIN, data={"title": ""})
    assert "This field is required." in answer.text
    assert "csrf" not in answer.text.partition("|")[2]


def test_a_form_of_an_exempted_view_is_exempted_too(client):
    assert client.post("/hook", base_url=HTTPS, data={"title": "a"}).text == "saved"


def test_the_form_and_the_template_hold_one_token_and_no_session_is_opened(client):
    answer = client.get("/both", base_url=HTTPS)
    one, two = answer.text.split()
    assert one == two
    assert "session" not in answer.headers["Set-Cookie"]


@pytest.mark.parametrize("first", ["the hood", "CSRFProtect"])
def test_an_app_that_has_csrfprotect_already_goes_on(tmp_path, first):
    app = bare_app(tmp_path)
    if first == "the hood":
        Fumehood(app)
        CSRFProtect(app)
    else:
        app.secret_key = None
        CSRFProtect(app)
        Fumehood(app)
    client = browser(views(app))
    assert (
        client.post("/write", base_url=HTTPS, data={"title": "a", "csrf_token": hidden(client)}).text
        == "saved"
    )
    assert client.post("/write", base_url=HTTPS, headers=SAME_ORIGIN, data={"title": "a"}).text == "saved"
    assert client.post("/write", base_url=HTTPS, data={"title": "a"}).status_code == 403


def test_a_form_in_an_app_without_a_hood_keeps_flask_wtfs_token(tmp_path):
    hooded = browser(views(hooded_app(tmp_path)))
    plain = bare_app(tmp_path)
    plain.secret_key = "only for this test"
    other = browser(views(plain))
    assert "session=" in other.get("/write", base_url=HTTPS).headers["Set-Cookie"]
    assert (
        other.post("/write", base_url=HTTPS, data={"title": "a", "csrf_token": hidden(hooded)}).text
        != "saved"
    )
