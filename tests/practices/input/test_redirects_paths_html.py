"""Redirects stay on the site, paths in their folder, scripts out of rich text."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.exceptions import NotFound

from fumehood import clean_html, safe_join, safe_redirect
from fumehood.practices.input.redirects import safe_target

BASE = "https://shop.example"
APP = Flask("shop")


def target_of(address: str | None) -> str:
    with APP.test_request_context("/", base_url=BASE):
        return safe_target(address, "/fallback")


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("/notes/3", "/notes/3"),
        ("/search?q=a%20b&page=2#top", "/search?q=a%20b&page=2#top"),
        ("https://shop.example/notes", "/notes"),
        ("https://shop.example", "/"),
        ("/caf\u00e9", "/caf%C3%A9"),
        ("/a//b", "/a//b"),
        ("/?next=https://other.example/", "/?next=https://other.example/"),
    ],
)
def test_honest_targets_are_followed(address: str, expected: str) -> None:
    assert target_of(address) == expected


@pytest.mark.parametrize(
    "address",
    [
        None,
        "",
        "https://evil.example/",
        "//evil.example",
        "///evil.example",
        "https:evil.example",
        "https:/evil.example",
        "https:///evil.example",
        "\\\\evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "\t//evil.example",
        " //evil.example",
        "/\r\n//evil.example",
        "https://shop.example@evil.example/",
        "https://shop.example.evil.example/",
        "https://shop.example\\@evil.example/",
        "https://shop.example:444/",
        "http://shop.example/",
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,x",
        "/..//evil.example",
        "/.//evil.example",
        "/%2e//evil.example",
        "https://shop\u3002example/",
        "/\uff0fevil.example",
        "/\u2044evil.example",
        "\u202e//evil.example",
        "notes/3",
        "?q=1",
        "/" + "a" * 3000,
        "https://[::1/",
    ],
)
def test_other_targets_go_to_the_fallback(address: str | None) -> None:
    assert target_of(address) == "/fallback"


def test_the_answer_is_a_redirect() -> None:
    with APP.test_request_context("/", base_url=BASE):
        answer = safe_redirect("https://evil.example", "/home", 303)
    assert (answer.status_code, answer.location) == (303, "/home")


def as_a_browser_reads(location: str) -> str:
    """The origin to which a browser goes: it drops tabs and line breaks, trims controls, takes backslashes for slashes."""
    location = re.sub(r"[\t\r\n]", "", location.strip("".join(map(chr, range(33))))).replace("\\", "/")
    parts = urlsplit(urljoin(BASE + "/login", re.sub(r"^(https?:)/*", r"\1//", location)))
    return f"{parts.scheme}://{parts.netloc}"


_PIECES = st.sampled_from(
    [
        "/",
        "//",
        "\\",
        ".",
        "..",
        "@",
        ":",
        "?",
        "#",
        "https:",
        "http:",
        "shop.example",
        "evil.example",
        "\t",
        "\n",
        " ",
        "%2f",
        "%5c",
        "%2e",
        "\u3002",
        "\uff0f",
        "[",
        "]",
        "javascript:",
        "\x00",
        "\u00e9",
    ]
)


@given(st.lists(_PIECES, max_size=8).map("".join) | st.text(max_size=20))
@settings(max_examples=300)
def test_whatever_the_target_the_browser_stays(address: str) -> None:
    location = target_of(address)
    assert as_a_browser_reads(location) == BASE
    assert location.startswith("/")
    assert location.isprintable()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    outside = tmp_path_factory.mktemp("house")
    (outside / "secret").write_text("s")
    room = outside / "room"
    (room / "inner").mkdir(parents=True)
    (room / "inner" / "a.txt").write_text("a")
    (room / "out").symlink_to(outside)
    (room / "in").symlink_to(room / "inner")
    (room / "loop").symlink_to(room / "loop")
    (outside / "room-next-door").mkdir()
    return room


@pytest.mark.parametrize(
    "parts",
    [
        ("inner/a.txt",),
        ("inner", "a.txt"),
        ("in/a.txt",),
        ("not-there-yet",),
        ("inner/../inner/a.txt",),
        (".hidden",),
        ("",),
    ],
)
def test_paths_inside_are_joined(folder: Path, parts: tuple[str, ...]) -> None:
    assert safe_join(folder, *parts).is_relative_to(folder.resolve())


@pytest.mark.parametrize(
    "parts",
    [
        ("../secret",),
        ("/etc/passwd",),
        ("inner/../../secret",),
        ("..",),
        ("inner", "../../secret"),
        ("out/secret",),
        ("a\0b",),
        ("../room-next-door/x",),
        ("out",),
        ("a" * 5000,),
        ("loop/x/../../..",),
    ],
)
def test_paths_that_lead_out_are_not_found(folder: Path, parts: tuple[str, ...]) -> None:
    with pytest.raises(NotFound):
        safe_join(folder, *parts)


@given(
    st.lists(
        st.lists(
            st.sampled_from(["..", ".", "/", "inner", "out", "in", "secret", "\\", "\0", "loop", "~", "%2e"]),
            max_size=6,
        ).map("".join),
        max_size=3,
    )
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
def test_whatever_the_parts_the_path_stays_inside(folder: Path, parts: list[str]) -> None:
    try:
        path = safe_join(folder, *parts)
    except NotFound:
        return
    assert path.resolve().is_relative_to(folder.resolve())


@pytest.mark.parametrize(
    "html",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        '<a href="javascript:alert(1)">x</a>',
        '<a href="java\tscript:alert(1)">x</a>',
        "<svg><script>alert(1)</script></svg>",
        "<math><mi xlink:href='javascript:alert(1)'>x</mi></math>",
        "<p style='position:fixed' class=x id=csrf_token>x</p>",
        "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
        "<form action=https://evil.example><input name=password></form>",
        "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
        "<base href=https://evil.example><meta http-equiv=refresh content='0;url=https://evil.example'>",
        "<img src='data:text/html,x'>",
    ],
)
def test_what_runs_is_taken_out(html: str) -> None:
    cleaned = str(clean_html(html)).lower()
    for trap in (
        "<script",
        "onerror=",
        "javascript:",
        "<svg",
        "<math",
        "style=",
        "class=",
        "id=",
        "<iframe",
        "<form",
        "<base",
        "<meta",
        "data:",
    ):
        assert trap not in cleaned or (trap == "onerror=" and "&lt;img" in cleaned)


def test_what_people_write_stays() -> None:
    written = (
        "<h2>Run 3</h2><p>We <strong>heated</strong> it<br>to 80\u00a0&deg;C &amp; waited.</p><ul><li>one</li></ul>"
        '<pre><code>a &lt; b</code></pre><table><tbody><tr><td colspan="2">x</td></tr></tbody></table><img src="/a/1" alt="flask">'
    )
    cleaned = clean_html(written)
    assert str(cleaned) == written.replace("&deg;", "\u00b0").replace("\u00a0", "&nbsp;")
    link = str(clean_html('<a href="https://example.org">x</a>'))
    assert 'rel="noopener noreferrer nofollow"' in link


def test_lists_that_allow_too_much_are_refused() -> None:
    for tags, attributes in (
        ({"script"}, {}),
        ({"p"}, {"p": {"onclick"}}),
        ({"p"}, {"*": {"style"}}),
        ({"svg"}, {}),
    ):
        with pytest.raises(ValueError, match="cannot make"):
            clean_html("x", tags=tags, attributes=attributes)
    assert str(clean_html("<b>x</b><i>y</i>", tags={"b"}, attributes={})) == "<b>x</b>y"
