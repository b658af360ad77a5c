"""Each page fits wide and narrow screens, is legible in dark and light, and its console stays empty."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path
from typing import Any

import pytest

from e2e.conftest import ADMIN, Lab
from fumehood.audit import audit
from fumehood.reports.html import render

pytestmark = pytest.mark.browser

PAGES = (
    "/notes",
    "/notes?q=nothing",
    "/notes/new",
    "/people",
    "/people/1",
    "/journal",
    "/account",
    "/account/tokens",
)
DOORS = ("/login", "/register", "/reset", "/confirm")

# WCAG 2.2: 1.4.3 contrast of text. Grounds that shine through and gradients count as what lies beneath them.
_PALE = """() => {
    const parse = (colour) => {
        const [r, g, b, a = 1] = colour.match(/[\\d.]+/g).map(Number);
        return { r, g, b, a };
    };
    const light = ({ r, g, b }) => [r, g, b]
        .map((part) => part / 255)
        .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
        .reduce((sum, part, place) => sum + part * [0.2126, 0.7152, 0.0722][place], 0);
    const ground = (element) => {
        for (let at = element; at; at = at.parentElement) {
            const colour = parse(getComputedStyle(at).backgroundColor);
            if (colour.a > 0.99) return colour;
        }
        return parse(getComputedStyle(document.body).backgroundColor);
    };
    const pale = [];
    for (const element of document.querySelectorAll("body *")) {
        const style = getComputedStyle(element);
        const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
        if (!own || style.visibility === "hidden" || !element.getClientRects().length) continue;
        if (element.closest(".unseen, .skip")) continue;
        const [a, b] = [light(parse(style.color)), light(ground(element))].sort((x, y) => y - x);
        const size = parseFloat(style.fontSize);
        const large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
        const ratio = (a + 0.05) / (b + 0.05);
        if (ratio < (large ? 3 : 4.5)) pale.push(`${element.textContent.trim().slice(0, 40)}: ${ratio.toFixed(2)}`);
    }
    return pale;
}"""
_WIDER = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
# WCAG 2.2, 2.5.8: what is pressed is at least 24 pixels high or stands in a line of text.
_SMALL = """() => [...document.querySelectorAll("button, .button, nav a, summary, input, select")]
    .filter((element) => element.getClientRects().length && !element.closest(".unseen, p"))
    .filter((element) => element.getBoundingClientRect().height < 18)
    .map((element) => element.outerHTML.slice(0, 80))"""


@pytest.fixture(scope="module")
def note(lab: Lab, gel: dict[str, Any]) -> str:
    """The address of a note with everything in it that could be too wide."""
    text = (
        "## A heading\n\n" + "long" * 60 + "\n\n`" + "code" * 40 + "`\n\n| " + " | ".join(f"column {n}" for n in range(14))
        + " |\n" + "|---" * 14 + "|\n\n```\n" + "wide " * 60 + "\n```\n\n![gel](gel.png)\n\n> quoted\n\n- a list"
    )  # fmt: skip
    with lab.visit(ADMIN) as ada:
        ada.goto("/notes/new")
        ada.page.get_by_label("Title").fill("Wide " + "w" * 120)
        ada.page.get_by_label("Text", exact=True).fill(text)
        ada.page.get_by_label("Attach files").set_input_files([gel, {**gel, "name": "g" * 90 + ".png"}])
        ada.press("Save")
        ada.page.wait_for_url(re.compile(r"/notes/\d+$"))
        address = ada.page.url.removeprefix(ada.site)
        ada.page.get_by_label("Add a comment").fill("c" * 300)
        ada.press("Comment")
        ada.page.wait_for_url(re.compile("#comment-"))
    return address


@pytest.mark.parametrize(
    ("width", "scheme"), [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark"), (320, "light")]
)
def test_pages_fit_and_are_legible(lab: Lab, note: str, width: int, scheme: Any) -> None:
    size: Any = {"width": width, "height": 844}
    inside = (*PAGES, note, f"{note}/edit", f"{note}/delete")
    for email, paths in (("", DOORS), (ADMIN, inside)):
        with lab.visit(email, viewport=size, color_scheme=scheme) as visitor:
            for path in paths:
                visitor.goto(path)
                assert visitor.page.evaluate(_WIDER) == 0, f"{path} is wider than the screen"
                assert visitor.page.evaluate(_PALE) == [], path
                assert visitor.page.evaluate(_SMALL) == [], path


def test_error_pages_look_like_all_others(lab: Lab) -> None:
    with lab.visit(ADMIN) as ada:
        ada.goto("/notes/99999", expect=404)
        assert ada.page.get_by_role("heading", level=1).inner_text() == "Nothing here"
        assert ada.page.get_by_role("link", name="People").is_visible()


@pytest.mark.parametrize("width", [1280, 390])
def test_the_report_of_an_audit_fits_too(lab: Lab, tmp_path: Path, width: int) -> None:
    (tmp_path / "a_module_with_quite_a_long_name.py").write_text("import hashlib\nhashlib.md5(b'x')\n")
    file = tmp_path / "report.html"
    file.write_text(render(audit(tmp_path, cache=False)), "utf-8")
    context = lab.chromium.new_context(viewport={"width": width, "height": 844})
    with contextlib.closing(context):
        page = context.new_page()
        page.goto(file.as_uri())
        assert page.get_by_role("cell", name="does not hold").is_visible()
        assert page.evaluate(_WIDER) == 0
        assert page.evaluate(_PALE) == []
