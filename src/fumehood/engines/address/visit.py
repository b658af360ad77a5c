"""Records a site: its front page by HTTP and HTTPS, the pages that it links to, and the answers to a few odd questions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from urllib.parse import urljoin, urlsplit

from fumehood.engines.address.connection import AddressError, Connection
from fumehood.engines.address.facts import Site
from fumehood.engines.address.tls import look
from fumehood.engines.live.ask import FOREIGN, PROBE, changes_by_name
from fumehood.engines.live.facts import Answer, LiveApp

__all__ = ["as_live_app", "at", "visit"]

_HOPS = 10
_PAGES = 25
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


def at(url: str) -> tuple[str, str]:
    """Return an address' origin and host.

    Raises:
        AddressError: when it is none of HTTP.
    """
    parts = urlsplit(url if "://" in url else f"https://{url}")
    try:
        port = parts.port
    except ValueError:
        raise AddressError(f"{url} has a port that is no number from 1 to 65535") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise AddressError(f"{url} is no address of a site: write https://host or http://host:port")
    if parts.username or parts.password:
        raise AddressError(
            "the address has a user's name in it: leave that out; it would be sent in every request"
        )
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}{f':{port}' if port else ''}", parts.hostname


def visit(
    url: str,
    files: Sequence[str] = (),
    connection: Connection | None = None,
    progress: Callable[[str, int, int], None] = lambda *_: None,
) -> Site:
    """Record a site.

    Parameters:
        url: its address.
        files: paths that no site should serve, asked for in turn.
        connection: the way to it.
        progress: told what is being done.

    Raises:
        AddressError: when there is no site at the address, or it sends everybody to another host.
    """
    origin, host = at(url)
    connection = connection or Connection(host)
    progress(f"asking {host}", 0, 0)
    chains: dict[str, tuple[str, ...]] = {}
    answers: list[Answer] = []
    front, chain = _follow(connection, origin + "/")
    chains[urlsplit(origin).scheme] = chain
    if origin.startswith("http:"):
        answers.append(replace(connection.ask("plain", origin + "/"), purpose="plain"))
    if front.url.startswith("https:"):
        origin = _origin(front.url)
    else:
        front = replace(front, purpose="page")
    answers.append(front)
    answers += _other_scheme(connection, origin, chains)
    answers += _pages(connection, origin, front)
    answers += _questions(connection, origin, front, files)
    site = Site(origin, host, tuple(answers), chains, connection.untrusted)
    if not site.is_https:
        return replace(site, why_no_tls="the site answers over plain HTTP only")
    progress(f"asking {host} what TLS it speaks", 0, 0)
    tls, why = look(host, urlsplit(origin).port or 443)
    return replace(site, tls=tls, why_no_tls=why)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _follow(connection: Connection, url: str) -> tuple[Answer, tuple[str, ...]]:
    """Ask for a page and go where it leads, within the host."""
    chain = [url]
    for _ in range(_HOPS):
        answer = connection.ask("page", chain[-1])
        location = answer.header("Location")
        if answer.status not in _REDIRECTS or not location:
            return answer, tuple(chain)
        there = urljoin(chain[-1], location)
        if urlsplit(there).hostname != connection.host:
            raise AddressError(
                f"{chain[0]} sends everybody to another host: {there}. If that is yours, audit it: --url {_origin(there)}"
            )
        chain.append(there)
    raise AddressError(f"{url} redirects more than {_HOPS} times: {chain[1]}, {chain[2]} ...")


def _other_scheme(
    connection: Connection, origin: str, chains: dict[str, tuple[str, ...]]
) -> Iterator[Answer]:
    """Ask the plain port beside 443. Where a port is named, the other one is not known."""
    if not origin.startswith("https:") or urlsplit(origin).port or "http" in chains:
        return
    plain = "http://" + origin.removeprefix("https://") + "/"
    with suppress(AddressError):
        answer = connection.ask("plain", plain)
        yield answer
        chains["http"] = (plain,)
        chains["http"] = _follow(connection, plain)[1]


def _pages(connection: Connection, origin: str, front: Answer) -> Iterator[Answer]:
    """The pages that the front page links to, and what those link to, whose names do not say that they change something."""
    from fumehood.engines.attack.pages import read

    seen, waiting = {urlsplit(front.url).path or "/"}, [front]
    count = 0
    while waiting and count < _PAGES:
        page = waiting.pop(0)
        if not page.is_html:
            continue
        for link in read(page.body, page.path, connection.host).links:
            path = link.partition("?")[0]
            if path in seen or changes_by_name(path) or count >= _PAGES:
                continue
            seen.add(path)
            count += 1
            with suppress(AddressError):
                answer = connection.ask("page", origin + link)
                yield answer
                waiting.append(answer)


def _questions(connection: Connection, origin: str, front: Answer, files: Sequence[str]) -> Iterator[Answer]:
    foreign = {"Origin": f"https://{FOREIGN}"}
    preflight = {**foreign, "Access-Control-Request-Method": "PUT"}
    page = front.url
    asked: list[tuple[str, str, str, dict[str, str]]] = [
        ("missing", origin + "/fumehood-audit/no-such-page", "GET", {}),
        ("missing-probe", origin + "/fumehood-audit/" + PROBE.replace("<", "%3C").replace(">", "%3E").replace('"', "%22"), "GET", {}),
        ("foreign-origin", page, "GET", foreign),
        ("foreign-preflight", page, "OPTIONS", preflight),
        ("security.txt", origin + "/.well-known/security.txt", "GET", {}),
        ("robots", origin + "/robots.txt", "GET", {}),
        *(("private-file", origin + path, "GET", {}) for path in files),
    ]  # fmt: skip
    for purpose, url, method, headers in asked:
        with suppress(AddressError):
            yield connection.ask(purpose, url, method, headers)


def as_live_app(site: Site) -> LiveApp:
    """Return the site's answers as what rules of the live engine judge that need nothing else."""
    from fumehood.engines.attack.pages import read

    people = any(
        form.has_password for page in site.asked("page") if page.is_html for form in read(page.body).forms
    )
    return LiveApp(
        target=site.url,
        name=site.host,
        root_path="",
        instance_path="",
        python="",
        extensions=("login_manager",) if people else (),
        answers=site.answers,
    )
