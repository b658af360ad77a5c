"""Reads the Content-Security-Policy of a page as MDN's Observatory does: all its policies together, the strictest of each directive."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field

from fumehood.engines.live.facts import Answer

__all__ = ["Policy", "policy_of"]

_META = re.compile(r"<meta\b[^>]*http-equiv\s*=\s*[\"']?content-security-policy[\"']?[^>]*>", re.IGNORECASE)
_CONTENT = re.compile(r"\bcontent\s*=\s*(\"[^\"]*\"|'[^']*')", re.IGNORECASE)
_REPEATABLE = frozenset({"report-uri", "report-to"})
_BROAD = frozenset({"*", "http:", "https:", "ftp:", "ws:", "wss:", "http://*", "https://*", "blob:", "data:"})
_NONCE = re.compile(r"'(?:nonce-|sha(?:256|384|512)-)[^']+'", re.IGNORECASE)
_ACTIVE = ("script-src", "object-src", "style-src", "connect-src", "frame-src", "child-src", "worker-src", "font-src", "manifest-src", "script-src-elem", "style-src-elem")  # fmt: skip
_PASSIVE = ("img-src", "media-src")


@dataclass(frozen=True, slots=True)
class Policy:
    """A page's policy: sources by directive, in lower case. Not ``valid`` when browsers would not use it, and ``why``."""

    directives: dict[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    valid: bool = True
    given: bool = True
    why: str = ""

    def has(self, directive: str) -> bool:
        return directive in self.directives

    def sources(self, directive: str) -> tuple[str, ...]:
        """A directive's sources; those of ``default-src`` where it is not given."""
        if directive in self.directives:
            return self.directives[directive]
        return self.directives.get("default-src", ())

    def limits(self, directive: str) -> bool:
        return directive in self.directives or "default-src" in self.directives

    def unsafe_scripts(self) -> bool:
        """Whether any script of an attacker may run: inline, from anywhere, or through a plug-in."""
        if not self.limits("script-src") or not self.limits("object-src"):
            return True
        scripts = self.sources("script-src")
        if any(_NONCE.match(source) for source in scripts):
            scripts = tuple(source for source in scripts if source != "'unsafe-inline'")
            if "'strict-dynamic'" in scripts:
                scripts = tuple(source for source in scripts if source not in _BROAD)
        return bool({"'unsafe-inline'", *_BROAD} & {*scripts}) or bool(_BROAD & {*self.sources("object-src")})

    def unsafe_styles(self) -> bool:
        styles = self.sources("style-src")
        if any(_NONCE.match(source) for source in styles):
            return False
        return not self.limits("style-src") or bool({"'unsafe-inline'", *_BROAD} & {*styles})

    def loads_plain(self, *, active: bool) -> bool:
        """Whether content may come over plain HTTP: scripts and the like, or images and media."""
        names = _ACTIVE if active else _PASSIVE
        return any(source.startswith("http:") for name in names for source in self.sources(name))


def policy_of(page: Answer) -> Policy:
    """Return the policy of a page, from its headers and its meta elements."""
    texts = [
        part.strip()
        for key, value in page.headers
        if key.lower() == "content-security-policy"
        for part in value.split(",")
        if part.strip()
    ]
    if page.is_html:
        found = [_CONTENT.search(tag) for tag in _META.findall(page.body)]
        texts += [html.unescape(item[1][1:-1]) for item in found if item]
    if not texts:
        return Policy(valid=False, given=False, why="missing")
    merged: dict[str, tuple[str, ...]] = {}
    for text in texts:
        directives = _directives(text)
        if directives is None:
            return Policy(valid=False, why="a directive is given twice")
        for name, sources in directives.items():
            # Of two policies both hold: what only one of them allows is refused.
            merged[name] = (
                tuple(item for item in merged[name] if item in sources) if name in merged else sources
            )
    scripts = merged.get("script-src", merged.get("default-src", ()))
    if "'strict-dynamic'" in scripts and not any(_NONCE.match(source) for source in scripts):
        return Policy(merged, valid=False, why="'strict-dynamic' without a nonce or hash")
    return Policy(merged, valid=bool(merged), why="" if merged else "empty")


def _directives(text: str) -> dict[str, tuple[str, ...]] | None:
    found: dict[str, tuple[str, ...]] = {}
    for part in text.split(";"):
        words = part.split()
        if not words:
            continue
        name, sources = words[0].lower(), tuple(word.lower() for word in words[1:])
        if name in found and name not in _REPEATABLE:
            return None
        found[name] = sources or (("'none'",) if name.endswith("-src") else ())
    return found
