"""A laboratory on its real server, in its real surroundings, looked at by a real browser."""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, BrowserContext, Page

from servers.chromium import DOMAIN
from servers.process import until
from servers.proxies import front
from servers.starter import Started, start_starter

BODY = 32 * 1024 * 1024
ADMIN, MIRA = "admin@example.org", "mira@example.net"
PASSWORDS = {ADMIN: "seven amber kettles hum", MIRA: "nine violet beakers sing"}
CHEAP = {"FUMEHOOD_ARGON2_MEMORY_KIB": "1024", "FUMEHOOD_ARGON2_PASSES": "1"}


@dataclass
class Visitor:
    """Somebody before a browser. At the end of the visit its console must be empty but for what was expected."""

    page: Page
    site: str
    complaints: list[str] = field(default_factory=list)

    def goto(self, path: str, expect: int = 200) -> None:
        answer = self.page.goto(self.site + path)
        assert answer is not None
        assert answer.status == expect, path
        if expect >= 400:
            # The browser tells its console of every page that it could not have; this one was not to be had.
            self.complaints[:] = [said for said in self.complaints if f"status of {expect}" not in said]

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def sign_in(self, email: str, password: str) -> None:
        self.goto("/login")
        self.page.get_by_label("E-mail address").fill(email)
        self.page.get_by_label("Password").fill(password)
        self.press("Sign in")


@dataclass
class Lab:
    """A running notebook with an administrator and an editor, both signed in somewhere."""

    chromium: Browser
    started: Started
    site: str
    states: dict[str, Any] = field(default_factory=dict)

    @contextlib.contextmanager
    def visit(self, email: str = "", **options: Any) -> Iterator[Visitor]:
        """Open a browser, in which this person is signed in already."""
        context: BrowserContext = self.chromium.new_context(
            ignore_https_errors=True, locale="en-GB", storage_state=self.states.get(email), **options
        )
        context.set_default_timeout(60_000)  # the first answer waits until the workers are there
        visitor = Visitor(context.new_page(), self.site)
        visitor.page.on(
            "console",
            lambda said: visitor.complaints.append(said.text) if said.type in {"error", "warning"} else None,
        )
        visitor.page.on("pageerror", lambda error: visitor.complaints.append(str(error)))
        try:
            yield visitor
            if email:
                self.states[email] = context.storage_state()
        finally:
            context.close()
        assert visitor.complaints == []

    def mailed_link(self, email: str) -> str:
        """Return the path of the link that was last mailed to somebody; mail goes to the log."""
        pattern = re.compile(rf"To: {re.escape(email)}\n.*?https://[^/\s]+(/\S+)", re.DOTALL)
        until(lambda: pattern.search(self.started.said), f"mail to {email}")
        return pattern.findall(self.started.said)[-1]


@contextlib.contextmanager
def open_lab(chromium: Browser, folder: Path, behind: str = "", **environment: str) -> Iterator[Lab]:
    """Start a notebook, behind nginx or Apache if wanted, and let its first people in."""
    with contextlib.ExitStack() as stack:
        arguments = ("--proxies", "1") if behind else ()
        if behind:
            environment |= {"FUMEHOOD_SITE_URL": f"https://{DOMAIN}", "FUMEHOOD_PROXIES": "1"}
        started = stack.enter_context(start_starter(folder, *arguments, **CHEAP, **environment))
        site = f"https://{started.address}"
        if behind:
            site = stack.enter_context(front(behind, started.address, DOMAIN, body_bytes=BODY)).url
        yield Lab(chromium, started, site)


def settle(lab: Lab) -> None:
    """The administrator's first day: a new password, and a reader who is made an editor."""
    once = re.search(r"password +(\S+)\n", lab.started.said)
    assert once is not None
    with lab.visit() as ada:
        ada.sign_in(ADMIN, once[1])
        assert ada.page.get_by_text("Choose one of your own").is_visible()
        ada.page.get_by_label("Current password").fill(once[1])
        ada.page.get_by_label("New password", exact=True).fill(PASSWORDS[ADMIN])
        ada.page.get_by_label("New password, once more").fill(PASSWORDS[ADMIN])
        ada.press("Change it")
        ada.goto("/notes")
        lab.states[ADMIN] = ada.page.context.storage_state()
    with lab.visit() as mira:
        mira.goto("/register")
        mira.page.get_by_label("E-mail address").fill(MIRA)
        mira.page.get_by_label("Password", exact=True).fill(PASSWORDS[MIRA])
        mira.page.get_by_label("Password, once more").fill(PASSWORDS[MIRA])
        mira.press("Make the account")
        mira.goto(lab.mailed_link(MIRA))
        mira.sign_in(MIRA, PASSWORDS[MIRA])
        mira.page.get_by_text("An administrator of the lab has to let you in").wait_for()
        for role in ("reader", "editor"):
            mira.goto("/notes/new", expect=403)
            with lab.visit(ADMIN) as ada:
                ada.goto("/people")
                ada.page.get_by_role("link", name="mira").click()
                ada.page.get_by_label(role.capitalize(), exact=True).check()
                ada.press("Save the role")
                ada.page.get_by_text(f"mira is now {role}.").wait_for()
            mira.goto("/notes")
            if role == "reader":
                mira.page.get_by_text("ask an administrator to make you an editor").wait_for()
        mira.goto("/notes/new")
        lab.states[MIRA] = mira.page.context.storage_state()


@pytest.fixture(scope="session")
def lab(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """The notebook as ``make run`` starts it: SQLite and disk."""
    with open_lab(chromium, tmp_path_factory.mktemp("lab")) as opened:
        settle(opened)
        yield opened


@pytest.fixture(scope="session")
def lab_with_services(
    chromium: Browser,
    tmp_path_factory: pytest.TempPathFactory,
    postgresql_url: str,
    redis_url: str,
    s3_url: str,
) -> Iterator[Lab]:
    """On PostgreSQL, Redis and S3."""
    services = {
        "DATABASE_URL": postgresql_url,
        "FUMEHOOD_STORAGE_URL": redis_url,
        "FUMEHOOD_UPLOADS_URL": s3_url,
    }
    with open_lab(chromium, tmp_path_factory.mktemp("lab"), **services) as opened:
        settle(opened)
        yield opened


@pytest.fixture(scope="session")
def lab_behind_nginx(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with open_lab(chromium, tmp_path_factory.mktemp("lab"), behind="nginx") as opened:
        settle(opened)
        yield opened


@pytest.fixture(scope="session")
def lab_behind_apache(lab_behind_nginx: Lab) -> Iterator[Lab]:
    """The same notebook, the same people: cookies belong to a host, whatever its port."""
    with front("apache", lab_behind_nginx.started.address, DOMAIN, body_bytes=BODY) as apache:
        yield replace(lab_behind_nginx, site=apache.url)


@pytest.fixture(params=["lab", "lab_with_services", "lab_behind_nginx", "lab_behind_apache"])
def any_lab(request: pytest.FixtureRequest) -> Lab:
    """The notebook in each of the places where it must work."""
    found: Lab = request.getfixturevalue(request.param)
    return found


@pytest.fixture(scope="session")
def gel() -> dict[str, Any]:
    """A picture to upload."""
    image = Image.new("L", (640, 420), 24)
    draw = ImageDraw.Draw(image)
    for lane in range(8):
        draw.rectangle((40 + lane * 72, 60 + lane * 35 % 260, 88 + lane * 72, 70 + lane * 35 % 260), fill=220)
    content = io.BytesIO()
    image.save(content, "PNG")
    return {"name": "gel.png", "mimeType": "image/png", "buffer": content.getvalue()}
