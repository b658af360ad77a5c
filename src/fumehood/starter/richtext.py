"""Notes are written in Markdown, shown as HTML.

Markdown is rendered without raw HTML, and what comes out is cleaned once more: two walls, of two libraries.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from flask import url_for
from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline, image, link
from markupsafe import Markup, escape

from fumehood import clean_html

if TYPE_CHECKING:
    from markdown_it.renderer import RendererHTML
    from markdown_it.token import Token

    from .models import Attachment

__all__ = ["excerpt", "marked", "plain", "render"]

# A bracket that may begin a link is looked at with all that follows it. A text of nothing else would cost seconds (CWE-407).
_BRACKETS_AT_MOST = 2000


def render(text: str, attachments: Iterable[Attachment] = ()) -> Markup:
    """Return a note's text as safe HTML.

    ``![caption](name.png)`` shows the attached image of that name. Images from elsewhere become links: whoever
    reads a note shall not be reported to another site.
    """
    places = {item.name: item for item in attachments if item.is_image}
    return clean_html(_markdown().render(text, {"attachments": places, "brackets": _BRACKETS_AT_MOST}))


def plain(text: str) -> str:
    """Return the words of a Markdown text without its marks, roughly: for excerpts."""
    text = re.sub(r"!\[[^\]\n]*\]\([^)\n]*\)", "", text)
    text = re.sub(r"\[([^\]\n]*)\]\([^)\n]*\)", r"\1", text)
    text = re.sub(
        r"^[ \t]*(?:#{1,6}|>|[-*+]|\d+\.)[ \t]+|^[ \t|:-]+$|[*`~|]+|\b_|_\b", "", text, flags=re.MULTILINE
    )
    return " ".join(text.split())


def excerpt(text: str, words: Sequence[str] = (), length: int = 180) -> str:
    """Return a piece of a text: around the first of some words if it has one, else its beginning, without headings and tables."""
    found = _pattern(words).search(text) if words else None
    start = max(0, text.rfind(" ", 0, max(0, found.start() - length // 3))) if found else 0
    window = text[start : start + 10 * length]
    if not found:
        window = re.sub(r"^[ \t]*(?:#|\||```).*$", "", window, flags=re.MULTILINE)
    flat = plain(window)
    piece = flat[:length]
    if len(flat) > length:
        piece = (piece.rpartition(" ")[0] or piece) + " …"
    return f"… {piece}" if start else piece


def marked(text: str, words: Sequence[str]) -> Markup:
    """Return a text, escaped, with the words of a search marked."""
    if not words:
        return escape(text)
    parts = _pattern(words).split(text)
    return Markup("").join(
        Markup("<mark>{}</mark>").format(part) if place % 2 else escape(part)
        for place, part in enumerate(parts)
    )


def _pattern(words: Sequence[str]) -> re.Pattern[str]:
    longest_first = sorted(words, key=len, reverse=True)
    return re.compile(r"(?<!\w)(" + "|".join(map(re.escape, longest_first)) + ")", re.IGNORECASE)


@lru_cache(maxsize=1)
def _markdown() -> MarkdownIt:
    made = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    made.inline.ruler.at("link", _sparing(link))
    made.inline.ruler.at("image", _sparing(image))
    made.add_render_rule("image", _image)
    made.add_render_rule("table_open", lambda *_rest: "<div><table>")
    made.add_render_rule("table_close", lambda *_rest: "</table></div>")
    # The title of the page is the only first heading.
    made.core.ruler.push("headings", _lower_headings)
    return made


def _sparing(rule: Callable[[StateInline, bool], bool]) -> Callable[[StateInline, bool], bool]:
    """Take brackets as they stand once a text has had more of them than any honest one."""

    def look(state: StateInline, silent: bool) -> bool:
        opens = state.src.startswith(("[", "!["), state.pos)
        if opens:
            state.env["brackets"] -= 1
        return opens and state.env["brackets"] >= 0 and rule(state, silent)

    return look


def _lower_headings(state: Any) -> None:
    for token in state.tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(int(token.tag[1]) + 1, 6)}"


def _image(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    token = tokens[index]
    caption = renderer.renderInlineAsText(token.children or [], options, env)
    address = str(token.attrs.get("src", ""))
    attached = env["attachments"].get(_decoded(address))
    if attached is not None:
        return Markup('<img src="{}" alt="{}" loading="lazy">').format(
            url_for("attachments.show", attachment_id=attached.id), caption
        )
    if address.startswith(("https://", "http://")):
        return Markup('<a href="{}">{}</a>').format(address, caption or address)
    return Markup("<em>{}</em>").format(f"[no image {_decoded(address)!r} attached]")


def _decoded(address: str) -> str:
    from urllib.parse import unquote

    return unquote(address)
