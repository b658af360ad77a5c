"""The Content-Security-Policy: parsed and checked once, written once, with the place of a nonce left open."""

from __future__ import annotations

import difflib
import re
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from flask import request

from fumehood.settings import ConfigurationError

__all__ = ["NONCE", "Policy", "csp_nonce"]

NONCE = "fumehood.nonce"  # the environ key of a request's nonce

# Everything closed, then what a server-rendered page of one origin needs. ASVS 3.4.3 asks for object-src and base-uri
# by name; neither base-uri, form-action nor frame-ancestors falls back to default-src.
DEFAULT: dict[str, tuple[str, ...]] = {
    "default-src": ("'none'",),
    "script-src": ("'self'",),
    "style-src": ("'self'",),
    "img-src": ("'self'", "data:"),
    "font-src": ("'self'",),
    "connect-src": ("'self'",),
    "manifest-src": ("'self'",),
    "media-src": ("'self'",),
    "object-src": ("'none'",),
    "base-uri": ("'none'",),
    "form-action": ("'self'",),
    "frame-ancestors": ("'none'",),
}
_OTHERS = (
    "child-src",
    "fenced-frame-src",
    "frame-src",
    "report-to",
    "report-uri",
    "require-trusted-types-for",
    "sandbox",
    "script-src-attr",
    "script-src-elem",
    "style-src-attr",
    "style-src-elem",
    "trusted-types",
    "upgrade-insecure-requests",
    "worker-src",
)
_DIRECTIVES = frozenset((*DEFAULT, *_OTHERS))
_WITH_NONCE = frozenset({"script-src", "script-src-elem", "style-src", "style-src-elem"})
_KEYWORDS = frozenset(
    {"none", "self", "strict-dynamic", "report-sample", "unsafe-inline", "unsafe-eval", "unsafe-hashes"}
    | {"wasm-unsafe-eval", "inline-speculation-rules"}
)
_SOURCE = re.compile(r"[\x21-\x2b\x2d-\x3a\x3c-\x7e]+")  # visible ASCII, but neither a comma nor a semicolon
_HOLE = "\0"


class Policy:
    """A Content-Security-Policy that is ready to send.

    Parameters:
        directives: names of directives and their sources; each replaces the default directive of that name, None drops it.
            A source is written as in the header: ``'self'`` with its quotes.
        base: the directives to start from; the default policy otherwise.
        where: what to name in an error: the setting or the decorator.

    Raises:
        ConfigurationError: for a directive that does not exist or a source that no browser would understand.
    """

    def __init__(
        self,
        directives: Mapping[str, Any] | None = None,
        base: Mapping[str, Sequence[str]] = DEFAULT,
        where: str = "FUMEHOOD_CSP",
    ) -> None:
        self.directives = {name: tuple(sources) for name, sources in base.items()}
        for name, sources in (directives or {}).items():
            _check_name(name, where)
            if sources is None:
                self.directives.pop(name, None)
            else:
                self.directives[name] = _sources(name, sources, where)
        written = "; ".join(_written(name, sources) for name, sources in self.directives.items())
        self._parts = written.split(_HOLE)
        self.plain = _tidy("".join(self._parts))

    def with_nonce(self, nonce: str) -> str:
        """Return the header's value for a page whose scripts and styles carry this nonce."""
        return _tidy(f" 'nonce-{nonce}'".join(self._parts))

    def extended(self, directives: Mapping[str, Any], where: str) -> Policy:
        """Return this policy with some directives replaced."""
        return Policy(directives, self.directives, where)


def _written(name: str, sources: tuple[str, ...]) -> str:
    # A nonce makes browsers ignore 'unsafe-inline': whoever asked for that by name shall have it.
    hole = _HOLE if name in _WITH_NONCE and "'unsafe-inline'" not in sources else ""
    return " ".join((name, *sources)) + hole


def _tidy(policy: str) -> str:
    """Remove 'none' where a nonce stands beside it: the two contradict each other."""
    return policy.replace("'none' 'nonce-", "'nonce-")


def _check_name(name: str, where: str) -> None:
    if name not in _DIRECTIVES:
        near = difflib.get_close_matches(name, _DIRECTIVES, n=1)
        raise ConfigurationError(
            f"{where}: {name!r} is not a directive of the Content-Security-Policy"
            + (f"; did you mean {near[0]!r}?" if near else ".")
        )


def _sources(name: str, given: Any, where: str) -> tuple[str, ...]:
    sources = tuple(given.split()) if isinstance(given, str) else tuple(given)
    for source in sources:
        if not isinstance(source, str) or not _SOURCE.fullmatch(source):
            raise ConfigurationError(
                f"{where}: {source!r} in {name} is not one source without spaces, ',' and ';'."
            )
        if source in _KEYWORDS or source.startswith(("nonce-", "sha256-", "sha384-", "sha512-")):
            raise ConfigurationError(f"{where}: write {source} in {name} with its quotes: \"'{source}'\".")
        if source.startswith("'nonce-"):
            raise ConfigurationError(
                f"{where}: a fixed nonce in {name} protects nothing; call csp_nonce() in the template instead."
            )
    return sources


def csp_nonce() -> str:
    """Return the nonce of this request for ``<script nonce="{{ csp_nonce() }}">`` and ``<style nonce=...>``.

    128 random bits, made at the first call; the Content-Security-Policy of a response names it only when it was asked for.
    """
    environ = request.environ
    nonce: str | None = environ.get(NONCE)
    if nonce is None:
        nonce = environ[NONCE] = secrets.token_urlsafe(16)
    return nonce
