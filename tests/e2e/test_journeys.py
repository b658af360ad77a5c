"""What people of a laboratory do with their notebook, in a browser, wherever it runs."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from e2e.conftest import ADMIN, MIRA, PASSWORDS, Lab

pytestmark = pytest.mark.browser


def loaded(page: Page, selector: str) -> bool:
    """Tell whether an image is there and has been decoded."""
    image = page.locator(selector).first
    image.scroll_into_view_if_needed()
    expect(image).to_have_js_property("complete", True)
    return bool(image.evaluate("image => image.naturalWidth > 0"))


def test_a_note_with_an_image_is_written_found_shared_and_answered(any_lab: Lab, gel: dict[str, Any]) -> None:
    table = {"name": "clones.csv", "mimeType": "text/csv", "buffer": b"clone,ng\nA,182.4\n"}
    with any_lab.visit(MIRA) as mira:
        page = mira.page
        mira.goto("/notes")
        page.get_by_role("link", name="New note").first.click()
        page.get_by_label("Title").fill("Restriction digest of pLX304")
        page.get_by_label("Text", exact=True).fill("Clones **A** to **F**.\n\n![The gel](gel.png)")
        page.get_by_label("Attach files").set_input_files([gel, table])
        mira.press("Preview")
        expect(page.locator(".shown strong").first).to_have_text("A")
        mira.press("Save")
        expect(page.get_by_role("heading", level=1)).to_have_text("Restriction digest of pLX304")
        assert loaded(page, ".prose img")
        assert loaded(page, ".gallery img")
        with page.expect_download() as download:
            page.get_by_role("link", name="clones.csv", exact=True).click()
        assert download.value.path().read_bytes() == b"clone,ng\nA,182.4\n"
        address = page.url.removeprefix(mira.site)

        page.get_by_role("link", name="Notes").first.click()
        page.get_by_label("Search notes").fill("digest plx")
        mira.press("Search")
        expect(page.get_by_role("heading", level=2)).to_have_text("Restriction digest of pLX304")
        expect(page.locator("mark").first).to_have_text("digest")
        page.locator(".card a").first.click()

        page.get_by_label("Share with").fill(ADMIN)
        page.get_by_label("They may").select_option("read and change it")
        mira.press("Share")
        expect(page.get_by_text("Shared with Administrator.")).to_be_visible()

    with any_lab.visit(ADMIN) as ada:
        page = ada.page
        ada.goto("/notes?show=shared")
        page.get_by_role("link", name="Restriction digest of pLX304").click()
        assert loaded(page, ".prose img")
        page.get_by_label("Add a comment").fill("Lane 6 looks odd.")
        ada.press("Comment")
        expect(page.get_by_text("Lane 6 looks odd.")).to_be_visible()
        page.get_by_role("link", name="Edit").click()
        page.get_by_label("Text", exact=True).fill("Only clone **B**.")
        ada.press("Save")
        ada.goto("/journal?kind=upload.")
        expect(page.get_by_text("upload.stored").first).to_be_visible()

    with any_lab.visit(MIRA) as mira:
        mira.goto(address)
        expect(mira.page.get_by_text("Only clone B.")).to_be_visible()
        mira.page.get_by_role("link", name="Delete", exact=True).click()
        mira.press("Delete the note")
        expect(mira.page.get_by_text("is deleted.")).to_be_visible()
        mira.goto(address, expect=404)


def test_everything_works_without_javascript(lab: Lab, gel: dict[str, Any]) -> None:
    with lab.visit(java_script_enabled=False) as mira:
        page = mira.page
        mira.sign_in(MIRA, PASSWORDS[MIRA])
        mira.goto("/notes/new")
        page.get_by_label("Title").fill("By hand")
        page.get_by_label("Text", exact=True).fill("A *plain* text")
        mira.press("Preview")
        expect(page.locator(".shown em")).to_have_text("plain")
        page.get_by_label("Attach files").set_input_files(gel)
        mira.press("Save")
        expect(page.locator(".gallery img")).to_be_visible()
        page.get_by_label("Share with").fill(ADMIN)
        mira.press("Share")
        expect(page.get_by_text("Shared with Administrator.")).to_be_visible()
        mira.goto("/account/tokens")
        page.get_by_label("What is it for?").fill("Reader")
        page.get_by_label("Read notes").check()
        mira.press("Make the token")
        expect(page.locator(".secret code")).to_contain_text("fh_")
        mira.goto("/notes?q=hand")
        page.locator(".card a").first.click()
        page.get_by_role("link", name="Delete", exact=True).click()
        mira.press("Delete the note")
        mira.press("Sign out")
        mira.goto("/notes")
        expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


def test_everything_works_with_the_keyboard_alone(lab: Lab) -> None:
    with lab.visit() as mira:
        page = mira.page
        keys = page.keyboard
        mira.goto("/login")
        expect(page.get_by_label("E-mail address")).to_be_focused()  # by itself
        keys.type(MIRA)
        keys.press("Tab")
        keys.type(PASSWORDS[MIRA])
        keys.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("All notes")

        keys.press("Tab")
        assert focused(page) == "Skip to content"
        keys.press("Enter")
        expect(page.locator("main")).to_be_focused()
        tab_to(page, "New note")
        keys.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("New note")
        tab_to(page, "Title")
        keys.type("From the keyboard")
        # The toolbar is one stop, with arrows inside.
        tab_to(page, "Bold")
        keys.press("ArrowRight")
        assert focused(page) == "Italic"
        tab_to(page, "Text")
        keys.type("No mouse.")
        keys.press("Control+Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("From the keyboard")
        tab_to(page, "Delete")
        keys.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Delete this note?")
        tab_to(page, "Delete the note")
        keys.press("Enter")
        expect(page.get_by_text("is deleted.")).to_be_visible()


_NAME = """() => {
    const at = document.activeElement;
    const label = at.labels && at.labels[0];
    return (label || at).innerText.trim();
}"""
_RING = """() => {
    const ring = (element) => element && getComputedStyle(element).outlineStyle !== "none";
    const at = document.activeElement;
    return ring(at) || ring(at.closest(".card")) || ring(at.closest(".pad"));
}"""


def focused(page: Page) -> str:
    return str(page.evaluate(_NAME))


def tab_to(page: Page, name: str, most: int = 40) -> None:
    """Press Tab until something of that name has the focus; each stop on the way must show where one is."""
    for _ in range(most):
        page.keyboard.press("Tab")
        assert page.evaluate(_RING), f"nothing shows that {focused(page)!r} has the focus"
        if focused(page) == name:
            return
    raise AssertionError(f"{name!r} cannot be reached with Tab")


def test_leaving_an_unsaved_note_asks_first(lab: Lab) -> None:
    with lab.visit(MIRA) as mira:
        mira.goto("/notes/new")
        mira.page.get_by_label("Title").fill("Half a thought")
        asked: list[str] = []

        def stay(dialog: Any) -> None:
            asked.append(dialog.type)
            dialog.accept()

        mira.page.on("dialog", stay)
        mira.page.get_by_role("link", name="Cancel").click()
        mira.page.wait_for_url("**/notes")
        assert asked == ["beforeunload"]


def test_another_sites_page_can_neither_frame_nor_post(lab: Lab) -> None:
    with lab.visit(MIRA) as mira:
        mira.goto("/notes")
        statuses: list[int] = []
        mira.page.on("response", lambda answer: statuses.append(answer.status))
        evil = f"""<form method="post" action="{lab.site}/notes/new">
            <input name="title" value="forged"></form><iframe src="{lab.site}/notes"></iframe>"""
        mira.page.goto("about:blank")
        mira.page.set_content(evil)
        with mira.page.expect_navigation(url=f"{lab.site}/notes/new"):
            mira.page.evaluate("document.forms[0].submit()")
        mira.goto("/notes?q=forged")
        expect(mira.page.get_by_text("Nothing found")).to_be_visible()
        mira.complaints.clear()  # of the evil page
    assert 403 in statuses
