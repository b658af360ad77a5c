"""What a real browser makes of it: Chromium, over TLS and over plain HTTP on this machine."""

from __future__ import annotations

import threading

import pytest
import trustme
from flask import render_template_string, request, session
from werkzeug.serving import make_server

from fumehood import Fumehood, public
from hooded import bare_app

PAGE = """<!doctype html><title>Notes</title>
<style nonce="{{ csp_nonce() }}">h1 { color: rgb(1, 2, 3) }</style>
<h1>Notes</h1><p id=ours>-</p><p id=theirs>-</p>
<script nonce="{{ csp_nonce() }}">document.getElementById("ours").textContent = "ran"</script>
<script>document.getElementById("theirs").textContent = "ran"</script>
<form method=post action=/write><input name=title><button>Save</button></form>"""


def laboratory(folder):
    app = bare_app(folder, TRUSTED_HOSTS=["127.0.0.1", "localhost"])
    Fumehood(app)
    app.add_url_rule("/", "page", public(lambda: session.update(user_id=7) or render_template_string(PAGE)))
    app.add_url_rule(
        "/clean", "clean", public(lambda: "<!doctype html><title>x</title><link rel=icon href='data:,'>")
    )

    @app.post("/write")
    @public
    def write():
        return f"saved {request.form['title']} for {session.get('user_id')}"

    return app


@pytest.fixture(scope="module")
def sites(tmp_path_factory):
    """One app behind TLS and behind plain HTTP: their addresses."""
    app = laboratory(tmp_path_factory.mktemp("laboratory"))
    certificate = trustme.CA().issue_cert("127.0.0.1", "localhost")
    folder = tmp_path_factory.mktemp("certificate")
    certificate.private_key_pem.write_to_path(folder / "key.pem")
    certificate.cert_chain_pems[0].write_to_path(folder / "cert.pem")
    servers = [
        make_server(
            "127.0.0.1",
            0,
            app,
            threaded=True,
            ssl_context=(str(folder / "cert.pem"), str(folder / "key.pem")),
        ),
        make_server("127.0.0.1", 0, app, threaded=True),
    ]
    threads = [threading.Thread(target=server.serve_forever) for server in servers]
    for thread in threads:
        thread.start()
    yield [
        f"{scheme}://127.0.0.1:{server.port}"
        for scheme, server in zip(("https", "http"), servers, strict=True)
    ]
    for server, thread in zip(servers, threads, strict=True):
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def tab(chromium):
    context = chromium.new_context(ignore_https_errors=True)
    context.set_default_timeout(20_000)
    yield context.new_page()
    context.close()


pytestmark = pytest.mark.browser


@pytest.mark.parametrize("site", [0, 1], ids=["tls", "plain http here"])
def test_a_page_works_and_an_injected_script_does_not(sites, tab, site):
    tab.goto(sites[site])
    assert tab.locator("#ours").text_content() == "ran"
    assert tab.locator("#theirs").text_content() == "-"
    assert tab.locator("h1").evaluate("e => getComputedStyle(e).color") == "rgb(1, 2, 3)"


@pytest.mark.parametrize(
    ("site", "name"), [(0, "__Host-session"), (1, "session")], ids=["tls", "plain http here"]
)
def test_a_form_is_saved_for_who_is_signed_in(sites, tab, site, name):
    tab.goto(sites[site])
    assert [cookie["name"] for cookie in tab.context.cookies()] == [name]
    tab.fill("input", "Titration")
    tab.click("button")
    assert tab.locator("body").text_content() == "saved Titration for 7"


def test_a_form_on_another_site_is_not_saved(sites, tab):
    tab.goto(sites[0])
    elsewhere = sites[0].replace("127.0.0.1", "localhost")
    # The form stands on a page of another origin, whose own policy would let it go anywhere.
    tab.route(
        f"{elsewhere}/evil",
        lambda route: route.fulfill(
            content_type="text/html",
            body=f"<form method=post action={sites[0]}/write><input name=title value=x><button>win</button></form>",
        ),
    )
    tab.goto(f"{elsewhere}/evil")
    with tab.expect_navigation() as navigation:
        tab.click("button")
    assert navigation.value.status == 403


def test_nobody_frames_a_page(sites, tab):
    elsewhere = sites[0].replace("127.0.0.1", "localhost")
    tab.route(
        f"{elsewhere}/evil",
        lambda route: route.fulfill(content_type="text/html", body=f"<iframe src={sites[0]}/clean></iframe>"),
    )
    tab.goto(f"{elsewhere}/evil")
    assert not any(
        frame.url.startswith(f"{sites[0]}/clean") and frame.title() == "x" for frame in tab.frames[1:]
    )


def test_the_browser_understands_every_header(sites, tab):
    said = []
    tab.on("console", lambda message: said.append(message.text))
    tab.goto(f"{sites[0]}/clean")
    assert tab.evaluate("window.crossOriginIsolated")
    assert said == []
