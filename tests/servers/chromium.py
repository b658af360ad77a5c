"""One headless Chromium for all tests of a process: Playwright cannot be started a second time beside itself."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from servers.process import program

DOMAIN = "notes.example.org"  # a name that the browser finds on this machine
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    f"--host-resolver-rules=MAP {DOMAIN} 127.0.0.1",
]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = program("chromium", package="chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(path), args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(autouse=True)
def _no_loop_of_chromiums(request: pytest.FixtureRequest) -> Iterator[None]:
    """Between its calls Playwright leaves its loop running as far as asyncio knows: tests that need no browser have none."""
    loop = asyncio._get_running_loop()
    if loop is None or request.node.get_closest_marker("browser"):
        yield
        return
    asyncio._set_running_loop(None)
    try:
        yield
    finally:
        asyncio._set_running_loop(loop)
