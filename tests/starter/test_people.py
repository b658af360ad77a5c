"""Administrators see to people, roles and the journal; everybody to their own account."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fumehood.starter import prepare
from starter.conftest import PASSWORD, SITE, Notebook


def test_an_administrator_makes_a_reader_an_editor(notebook: Notebook) -> None:
    ada, priya = notebook.person("ada", "admin"), notebook.person("priya", "reader")
    assert priya.get("/notes/new").status_code == 403
    page = ada.get(f"/people/{priya.id}").text
    assert re.search(r'value="reader"[^>]* checked', page)
    assert ada.post(f"/people/{priya.id}", role="editor", before="reader").status_code == 302
    # At once, in the session that is open.
    assert priya.get("/notes/new").status_code == 200
    journal = ada.get("/journal?kind=role.").text
    assert "role.granted" in journal
    assert "Priya" in journal


@pytest.mark.parametrize("path", ["/people", "/people/1", "/journal"])
def test_nobody_else_manages_people(notebook: Notebook, path: str) -> None:
    for name, role in (("mira", "editor"), ("priya", "reader")):
        assert notebook.person(name, role).get(path).status_code == 403
    assert notebook.stranger().get(path).location.startswith("/login")


def test_nobody_makes_themselves_an_administrator(notebook: Notebook) -> None:
    priya = notebook.person("priya", "reader")
    assert priya.post(f"/people/{priya.id}", role="admin", before="reader").status_code == 403
    priya.post("/account", name="Priya", role="admin", roles="admin", active="1")
    assert priya.get("/people").status_code == 403


def test_the_last_administrator_cannot_give_the_keys_away(notebook: Notebook) -> None:
    ada = notebook.person("ada", "admin")
    answer = ada.post(f"/people/{ada.id}", role="reader", before="admin")
    assert answer.status_code == 422
    assert "Ask another administrator" in answer.text
    ada.post(f"/people/{ada.id}/active")
    assert ada.get("/people").status_code == 200


def test_of_two_administrators_the_slower_one_is_told(notebook: Notebook) -> None:
    ada, bela, priya = (
        notebook.person("ada", "admin"),
        notebook.person("bela", "admin"),
        notebook.person("priya", "reader"),
    )
    ada.post(f"/people/{priya.id}", role="editor", before="reader")
    answer = bela.post(f"/people/{priya.id}", role="admin", before="reader")
    assert answer.status_code == 422
    assert "just changed this role" in answer.text


def test_a_closed_account_is_out_at_once_and_its_notes_stay(notebook: Notebook) -> None:
    ada, mira = notebook.person("ada", "admin"), notebook.person("mira")
    address = mira.write("Of the lab", audience="lab")
    ada.post(f"/people/{mira.id}/active")
    assert mira.get("/notes").location.startswith("/login")
    assert mira.sign_in(PASSWORD).status_code == 200
    assert ada.sees(address)
    ada.post(f"/people/{mira.id}/active")
    assert mira.sign_in(PASSWORD).status_code == 302


def test_people_are_found_by_name_and_address(notebook: Notebook) -> None:
    ada = notebook.person("ada", "admin")
    notebook.person("mira")
    assert "1 person" in ada.get("/people?q=MIRA").text
    assert "Nobody found" in ada.get("/people?q=100%25").text


def test_signing_up_confirming_and_reading(notebook: Notebook) -> None:
    notebook.person("mira").write("For all", audience="lab")
    wei = notebook.stranger()
    wei.email = "wei@example.net"
    form = {"email": wei.email, "password": PASSWORD, "password_confirm": PASSWORD}
    assert wei.post("/register", **form).status_code == 302
    assert wei.sign_in(PASSWORD).status_code == 200  # not before the address is confirmed
    [mail] = notebook.mail
    link = re.search(r"https://\S+", mail.get_content())
    assert link is not None
    wei.client.get(link[0])
    assert wei.sign_in(PASSWORD).status_code == 302
    assert "Nearly there" in wei.get("/").text
    assert "Nearly there" in wei.get("/notes").text
    assert (
        wei.get("/notes/1").status_code == 403
    )  # anybody can have an address: that makes nobody one of the lab
    ada = notebook.person("ada", "admin")
    assert ada.get("/people").text.index("wei@") < ada.get("/people").text.index("ada@")
    number = re.search(r"/people/(\d+)\D[^@]*wei@", ada.get("/people").text)
    assert number is not None
    assert ada.post(f"/people/{number[1]}", role="reader", before="").status_code == 302
    page = wei.get("/notes").text
    assert "For all" in page
    assert "Reader" in page


def test_a_lab_may_take_everybody_who_signs_up_for_a_reader(tmp_path: Path) -> None:
    open_lab = Notebook(tmp_path / "instance", NEWCOMERS="read", FUMEHOOD_CONFIRM_EMAIL=False)
    prepare(open_lab.app)
    wei = open_lab.stranger()
    wei.email = "wei@example.net"
    wei.post("/register", email=wei.email, password=PASSWORD, password_confirm=PASSWORD)
    assert wei.get("/notes").status_code == 200
    open_lab.close()


def test_a_new_password_ends_tokens_and_says_so(notebook: Notebook) -> None:
    mira = notebook.person("mira")
    made = mira.post("/account/tokens", name="Reader", scopes="notes:read", days="7").text
    token = re.search(r"fh_[\w-]+", made)
    assert token is not None
    program = notebook.app.test_client()
    options = {"base_url": SITE, "headers": {"Authorization": f"Bearer {token[0]}"}}
    assert program.get("/api/notes", **options).status_code == 200
    new = "seven amber kettles hum"
    answer = mira.post("/change", password=PASSWORD, new_password=new, new_password_confirm=new)
    assert answer.status_code == 302
    assert "your API tokens have ended" in mira.get("/account").text
    assert program.get("/api/notes", **options).status_code == 401


def test_links_in_mail_lead_to_the_site_whatever_the_request_names(tmp_path: Path) -> None:
    lab = Notebook(tmp_path / "instance", FUMEHOOD_SITE_URL="https://notes.example.org")
    prepare(lab.app)
    client = lab.app.test_client()
    client.environ_base.update({"HTTP_SEC_FETCH_SITE": "same-origin"})
    for host in ("notes.example.org:666", "notes.example.org"):
        client.post("/reset", data={"email": "admin@example.org"}, base_url=f"https://{host}")
    client.post("/reset", data={"email": "admin@example.org"}, base_url="https://evil.example")
    links = [re.search(r"https?://[^/\s]+", mail.get_content()) for mail in lab.mail]
    assert [link[0] for link in links if link] == ["https://notes.example.org"] * 2
    lab.close()


def test_a_forgotten_password_is_replaced_by_mail(notebook: Notebook) -> None:
    mira = notebook.person("mira")
    stranger = notebook.stranger()
    assert stranger.post("/reset", email=mira.email).status_code in {200, 302}
    link = re.search(r"https://\S+", notebook.mail[0].get_content())
    assert link is not None
    path = link[0].removeprefix(SITE)
    new = "seven amber kettles hum"
    assert stranger.post(path, password=new, password_confirm=new).status_code == 302
    assert mira.get("/notes").location.startswith("/login")  # all sessions have ended
    assert mira.sign_in(PASSWORD).status_code == 200
    assert mira.sign_in(new).status_code == 302


def test_unknown_addresses_get_the_same_answer(notebook: Notebook) -> None:
    mira = notebook.person("mira")
    answers = [notebook.stranger().post("/reset", email=email) for email in (mira.email, "no@example.net")]
    assert answers[0].status_code == answers[1].status_code
    assert len(notebook.mail) == 1


def test_people_see_and_end_their_other_sessions(notebook: Notebook) -> None:
    mira = notebook.person("mira")
    elsewhere = notebook.stranger()
    elsewhere.email = mira.email
    elsewhere.sign_in(PASSWORD)
    page = mira.get("/account").text
    [address] = set(re.findall(r'action="(/account/sessions/\w+/end)"', page))
    assert notebook.person("jonas").post(address).status_code == 302
    assert elsewhere.get("/notes").status_code == 200  # not Jonas's to end
    mira.post(address)
    assert elsewhere.get("/notes").status_code == 302
    assert mira.get("/notes").status_code == 200


def test_a_name_is_one_line_of_text(notebook: Notebook) -> None:
    mira = notebook.person("mira")
    assert mira.post("/account", name="Mira <b>O.</b>").status_code == 302
    assert "Mira &lt;b&gt;O.&lt;/b&gt;" in mira.get("/account").text
    assert mira.post("/account", name="Mira\u202egnp.exe").status_code == 422
