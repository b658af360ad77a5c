"""Only the site's own pages change state: the browser's word first, a token where there is no such word."""

from __future__ import annotations

import pytest
from flask import Blueprint, Response, g, render_template_string, request, session, stream_template_string
from flask.views import MethodView

from fumehood import Fumehood, public
from hooded import HOST, HTTPS, SAME_ORIGIN, browser, hooded_app

FORM = '<input name="csrf_token" value="{{ csrf_token() }}">'
EVIL = "https://evil.example"


def views(app):
    @app.route("/notes", methods=["POST", "PUT", "PATCH", "DELETE", "GET"])
    @public
    def notes():
        return {"method": request.method, "title": request.form.get("title")}

    app.add_url_rule("/form", "form", public(lambda: render_template_string(FORM)))
    app.add_url_rule("/stream", "stream", public(lambda: Response(stream_template_string("x" + FORM))))
    app.add_url_rule("/in", "in", public(lambda: session.update(user_id=1) or "in"))

    @app.post("/webhook")
    @Fumehood.csrf_exempt
    @public
    def webhook():
        return "thanks"

    return app


@pytest.fixture
def app(tmp_path):
    return views(hooded_app(tmp_path))


@pytest.fixture
def person(app):
    """Somebody who is signed in, in a browser that says nothing of where a request comes from."""
    client = browser(app)
    client.get("/in", base_url=HTTPS)
    return client


def token(client, path="/form"):
    return client.get(path, base_url=HTTPS).text.partition('value="')[2].partition('"')[0]


class TestStopped:
    @pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
    def test_a_form_on_another_site(self, person, method):
        forged = {"Sec-Fetch-Site": "cross-site", "Origin": EVIL}
        assert person.open("/notes", method=method, base_url=HTTPS, headers=forged).status_code == 403

    def test_with_a_stolen_token_too(self, person):
        forged = {"Sec-Fetch-Site": "cross-site", "Origin": EVIL, "X-CSRFToken": token(person)}
        assert person.post("/notes", base_url=HTTPS, headers=forged).status_code == 403

    def test_a_page_of_a_neighbouring_subdomain(self, person):
        forged = {"Sec-Fetch-Site": "same-site", "Origin": f"https://blog.{HOST}"}
        assert person.post("/notes", base_url=HTTPS, headers=forged).status_code == 403

    @pytest.mark.parametrize(
        "origin", [EVIL, f"http://{HOST}", f"{HTTPS}:8443", f"{HTTPS}.evil.example", "null", ""]
    )
    def test_an_older_browser_that_names_another_origin(self, person, origin):
        assert person.post("/notes", base_url=HTTPS, headers={"Origin": origin}).status_code == 403

    def test_a_sandboxed_frame(self, person):
        forged = {"Sec-Fetch-Site": "cross-site", "Origin": "null"}
        assert person.post("/notes", base_url=HTTPS, headers=forged).status_code == 403

    def test_no_word_and_no_token(self, person):
        assert person.post("/notes", base_url=HTTPS).status_code == 403

    def test_somebody_elses_token(self, app, person):
        stolen = token(browser(app))
        assert person.post("/notes", base_url=HTTPS, data={"csrf_token": stolen}).status_code == 403

    @pytest.mark.parametrize("made_up", ["", "x", "A" * 86, "A" * 88, "é" * 88, "=" * 10_000])
    def test_a_token_that_was_made_up(self, person, made_up):
        token(person)
        assert person.post("/notes", base_url=HTTPS, data={"csrf_token": made_up}).status_code == 403

    def test_a_cookie_of_a_name_that_other_hosts_can_set(self, app):
        client = browser(app)
        mine = token(client)
        secret = client.get_cookie("__Host-csrf", domain=HOST).value
        victim = browser(app)
        victim.set_cookie("csrf", secret, domain=HOST)
        assert victim.post("/notes", base_url=HTTPS, data={"csrf_token": mine}).status_code == 403

    def test_a_bearer_token_beside_cookies_proves_nothing(self, person):
        answer = person.post("/notes", base_url=HTTPS, headers={"Authorization": "Bearer x"})
        assert answer.status_code == 403

    def test_basic_credentials_are_the_browsers_own(self, app):
        answer = browser(app).post("/notes", base_url=HTTPS, headers={"Authorization": "Basic eDp5"})
        assert answer.status_code == 403

    @pytest.mark.parametrize(
        "wish", [{"headers": {"X-HTTP-Method-Override": "DELETE"}}, {"query_string": {"_method": "DELETE"}}]
    )
    def test_a_safe_method_stays_safe_whatever_it_wishes(self, person, wish):
        assert person.get("/notes", base_url=HTTPS, **wish).json["method"] == "GET"

    def test_an_unsafe_method_is_not_made_safe(self, person):
        wish = {"X-HTTP-Method-Override": "GET", "Sec-Fetch-Site": "cross-site"}
        assert person.post("/notes?_method=GET", base_url=HTTPS, headers=wish).status_code == 403

    def test_a_websocket_opened_by_another_site(self, person):
        forged = {"Upgrade": "WebSocket", "Connection": "Upgrade", "Origin": EVIL}
        assert person.get("/notes", base_url=HTTPS, headers=forged).status_code == 403

    def test_the_refusal_is_journaled_and_says_what_to_do(self, app, person):
        recorded = []
        app.extensions["fumehood"].record = lambda event, **details: recorded.append((event, details))
        answer = person.post("/notes", base_url=HTTPS, headers={"Origin": EVIL})
        assert "Reload the page" in answer.text
        assert EVIL not in answer.text
        ((event, details),) = recorded
        assert (event, details["practice"]) == ("request.refused", "csrf")
        assert EVIL in details["reason"]


class TestLetThrough:
    def test_the_sites_own_form_without_any_token(self, person):
        answer = person.post("/notes", base_url=HTTPS, headers=SAME_ORIGIN, data={"title": "a"})
        assert answer.json == {"method": "POST", "title": "a"}

    def test_the_sites_own_fetch_with_json(self, person):
        assert person.put("/notes", base_url=HTTPS, headers=SAME_ORIGIN, json={}).status_code == 200

    def test_an_older_browser_that_names_our_origin(self, person):
        assert person.post("/notes", base_url=HTTPS, headers={"Origin": HTTPS}).status_code == 200

    def test_the_persons_own_doing(self, person):
        assert person.post("/notes", base_url=HTTPS, headers={"Sec-Fetch-Site": "none"}).status_code == 200

    def test_a_token_in_the_form(self, person):
        assert person.post("/notes", base_url=HTTPS, data={"csrf_token": token(person)}).status_code == 200

    def test_a_token_in_a_form_with_a_prefix(self, person):
        assert (
            person.post("/notes", base_url=HTTPS, data={"note-csrf_token": token(person)}).status_code == 200
        )

    def test_a_token_in_the_header(self, person):
        sent = {"X-CSRFToken": token(person)}
        assert person.delete("/notes", base_url=HTTPS, headers=sent).status_code == 200

    def test_a_token_of_a_streamed_page(self, person):
        assert (
            person.post("/notes", base_url=HTTPS, data={"csrf_token": token(person, "/stream")}).status_code
            == 200
        )

    def test_a_form_that_was_open_while_the_keys_changed(self, app, person):
        held = token(person)
        app.extensions["fumehood"].keyring.rotate(announce=0)
        assert person.post("/notes", base_url=HTTPS, data={"csrf_token": held}).status_code == 200

    def test_a_form_that_was_open_while_others_were_opened(self, person):
        held = token(person)
        token(person)
        assert person.post("/notes", base_url=HTTPS, data={"csrf_token": held}).status_code == 200

    def test_an_api_client_with_a_bearer_token_and_no_cookies(self, app):
        answer = browser(app).post("/notes", base_url=HTTPS, json={}, headers={"Authorization": "Bearer x"})
        assert answer.status_code == 200

    def test_a_webhook_that_says_so(self, app):
        assert browser(app).post("/webhook", base_url=HTTPS, headers={"Origin": EVIL}).status_code == 200

    def test_reading_from_anywhere(self, person):
        answer = person.get("/notes", base_url=HTTPS, headers={"Sec-Fetch-Site": "cross-site"})
        assert answer.status_code == 200

    def test_a_missing_page_is_missing_not_forbidden(self, person):
        assert person.post("/nowhere", base_url=HTTPS).status_code == 404

    def test_this_machine_over_plain_http(self, app):
        client = browser(app, peer="127.0.0.1")
        page = client.get("/form", base_url="http://localhost").text
        held = page.partition('value="')[2].partition('"')[0]
        assert (
            client.post("/notes", base_url="http://localhost", data={"csrf_token": held}).status_code == 200
        )


class TestToken:
    def test_is_masked_differently_in_every_page(self, person):
        assert token(person) != token(person)

    def test_is_one_in_one_page(self, app):
        app.add_url_rule(
            "/two", "two", public(lambda: render_template_string("{{ csrf_token() }} {{ csrf_token() }}"))
        )
        one, two = browser(app).get("/two", base_url=HTTPS).text.split()
        assert one == two

    def test_its_cookie_is_the_hosts_own_and_out_of_scripts_reach(self, app):
        (cookie,) = browser(app).get("/form", base_url=HTTPS).headers.getlist("Set-Cookie")
        assert cookie.startswith("__Host-csrf=")
        assert cookie.endswith("; Secure; HttpOnly; Path=/; SameSite=Lax")

    def test_a_page_with_one_is_shared_with_nobody(self, app):
        sent = browser(app).get("/form", base_url=HTTPS).headers
        assert (sent["Cache-Control"], sent["Vary"]) == ("no-cache, private", "Cookie")

    def test_a_page_without_one_sets_nothing(self, app):
        sent = browser(app).get("/notes", base_url=HTTPS).headers
        assert "Set-Cookie" not in sent
        assert "Vary" not in sent

    def test_a_meta_tag_for_scripts(self, app):
        app.add_url_rule("/meta", "meta", public(lambda: render_template_string("{{ csrf_meta_tag() }}")))
        assert browser(app).get("/meta", base_url=HTTPS).text.startswith('<meta name="csrf-token" content="')


class TestExemptions:
    def test_of_a_blueprint_and_of_what_is_in_it(self, tmp_path):
        app = hooded_app(tmp_path)
        outer, inner = (
            Blueprint("hooks", __name__, url_prefix="/hooks"),
            Blueprint("pay", __name__, url_prefix="/pay"),
        )
        inner.add_url_rule("/", "paid", public(lambda: "x"), methods=["POST"])
        outer.register_blueprint(Fumehood.csrf_exempt(inner))
        outer.add_url_rule("/", "other", public(lambda: "x"), methods=["POST"])
        app.register_blueprint(outer)
        assert browser(app).post("/hooks/pay/", base_url=HTTPS).status_code == 200
        assert browser(app).post("/hooks/", base_url=HTTPS).status_code == 403

    def test_of_one_method_of_a_view_class(self, tmp_path):
        app = hooded_app(tmp_path)

        class Hook(MethodView):
            decorators = [public]

            @Fumehood.csrf_exempt
            def post(self):
                return "x"

            def delete(self):
                return "x"

        app.add_url_rule("/hook", view_func=Hook.as_view("hook"))
        assert browser(app).post("/hook", base_url=HTTPS).status_code == 200
        assert browser(app).delete("/hook", base_url=HTTPS).status_code == 403

    def test_a_name_is_not_a_view(self):
        with pytest.raises(TypeError, match="the view itself"):
            Fumehood.csrf_exempt("webhook")


class TestOfTheApp:
    def test_tests_without_tokens_run_as_under_flask_wtf(self, tmp_path):
        app = views(hooded_app(tmp_path, TESTING=True))
        app.config["WTF_CSRF_ENABLED"] = False
        assert app.test_client().post("/notes").status_code == 200
        assert app.test_client().post("/notes", headers={"Origin": EVIL}).status_code == 403

    def test_the_switch_for_tests_opens_nothing_in_production(self, tmp_path):
        app = views(hooded_app(tmp_path, WTF_CSRF_ENABLED=False))
        assert browser(app).post("/notes", base_url=HTTPS).status_code == 403

    def test_g_is_as_before_for_everything_else(self, app):
        with app.test_request_context(base_url=HTTPS):
            g.colour = "red"
            assert "colour" in g
            assert "shape" not in g
            assert g.get("shape", "round") == "round"
            assert list(g) == ["colour"]
