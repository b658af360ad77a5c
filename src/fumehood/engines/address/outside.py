"""Probes a site from outside: values in the parameters of its links and forms, bounded in number and rate."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit

from fumehood.engines.address import OutsideCheck, Site
from fumehood.engines.address.connection import AddressError, Connection
from fumehood.engines.attack.checks import AnswerCheck
from fumehood.engines.attack.exchange import Exchange, Wanted
from fumehood.engines.attack.pages import read
from fumehood.engines.attack.proof import prove
from fumehood.engines.live.ask import changes_by_name
from fumehood.findings import Certainty, Finding, NotCovered, Rule

__all__ = ["Trial", "probe"]

_PLACES = 60  # parameters that are tried
_LEFT_ALONE = re.compile(r"csrf|token|pass|pwd", re.IGNORECASE)


@dataclass(slots=True)
class Trial:
    """One parameter of one page, and a way to send values in it.

    Parameters:
        honest: the answer to the page's own value.
        value: that value.
        send: sends another value in its place.
    """

    honest: Exchange
    value: str
    send: Callable[[str], Exchange]
    last: Exchange | None = None

    def ask(self, value: str) -> Exchange:
        """Return the answer to a value, which is then the one that a finding shows."""
        self.last = self.send(value)
        return self.last


@dataclass(frozen=True, slots=True)
class _Place:
    wanted: Wanted
    source: str  # "query" or "form"
    name: str

    @property
    def value(self) -> str:
        return str((self.wanted.query if self.source == "query" else self.wanted.form)[self.name])

    def aim(self, value: str) -> Wanted:
        if self.source == "query":
            return self.wanted.having(query={**self.wanted.query, self.name: value})
        return self.wanted.having(form={**self.wanted.form, self.name: value})


def probe(
    site: Site,
    rules: Sequence[Rule],
    connection: Connection,
    progress: Callable[[str, int, int], None] = lambda *_: None,
) -> Iterator[Finding | NotCovered]:
    """Try each parameter that the site's pages show, with the rules that need no inside view.

    Parameters:
        site: what was recorded of it.
        rules: those with an :class:`OutsideCheck`, or an :class:`AnswerCheck` with values of its own.
        connection: bounds how much is asked, and how fast.
        progress: told what is being done.
    """
    judges = [
        rule
        for rule in rules
        if isinstance(rule, OutsideCheck) or (isinstance(rule, AnswerCheck) and rule.echoes)
    ]
    places = list(_places(site))
    told: set[tuple[str, str, str]] = set()
    for number, place in enumerate(places):
        where = f"{place.wanted.method} {place.wanted.path}"
        progress(f"probing {where}", number, len(places))
        try:
            for rule in judges:
                for found in _try(site, rule, place, connection):
                    key = (rule.id, where, place.name)
                    if key not in told:
                        told.add(key)
                        yield found
        except AddressError as error:
            yield NotCovered("route", f"{where} {place.name}", str(error))
            if connection.left <= 0:
                return


def _try(site: Site, rule: Rule, place: _Place, connection: Connection) -> Iterator[Finding]:
    def send(value: str) -> Exchange:
        return _send(site, place.aim(value), connection)

    if isinstance(rule, OutsideCheck):
        trial = Trial(_send(site, place.wanted, connection), place.value, send)
        if (shown := rule.outside(trial)) and trial.last is not None:
            yield _finding(site, rule, place, trial.last, shown)
    elif isinstance(rule, AnswerCheck):
        for value in rule.echoes:
            answer = send(value)
            if shown := rule.shown(answer, value):
                yield _finding(site, rule, place, answer, shown)
                return


def _finding(site: Site, rule: Rule, place: _Place, answer: Exchange, shown: str) -> Finding:
    return rule.finding(
        f"{place.source} parameter {place.name!r}: {shown}",
        certainty=Certainty.CONFIRMED,
        route=f"{place.wanted.method} {place.wanted.path}",
        parameter=place.name,
        evidence=prove(answer, shown, getattr(rule, "mended", ""), base=site.url),
    )


def _send(site: Site, wanted: Wanted, connection: Connection) -> Exchange:
    content = urlencode(wanted.form).encode() if wanted.method == "POST" else b""
    headers = {"Origin": site.url, "Referer": f"{site.url}/"} if content else {}
    answer = connection.ask("probe", site.url + wanted.target, wanted.method, headers, content)
    return Exchange(wanted, answer.status, answer.headers, answer.body)


def _places(site: Site) -> Iterator[_Place]:
    """Parameters of links and forms, each once by path and name."""
    seen: set[tuple[str, str, str]] = set()
    for wanted, source in _requests(site):
        for name in wanted.query if source == "query" else wanted.form:
            key = (wanted.method, wanted.path, name)
            if key not in seen and not _LEFT_ALONE.search(name) and len(seen) < _PLACES:
                seen.add(key)
                yield _Place(wanted, source, name)


def _requests(site: Site) -> Iterator[tuple[Wanted, str]]:
    for page in site.asked("page"):
        own = urlsplit(page.url)
        if own.query:
            yield Wanted("GET", own.path or "/", dict(parse_qsl(own.query))), "query"
        if not page.is_html:
            continue
        parsed = read(page.body, page.path, site.host)
        for link in parsed.links:
            path, _, query = link.partition("?")
            if query and not changes_by_name(path):
                yield Wanted("GET", path, dict(parse_qsl(query, keep_blank_values=True))), "query"
        for form in parsed.forms:
            path = form.action.partition("?")[0]
            if form.has_password or changes_by_name(path):
                continue
            values = {name: value or "1" for name, value in form.values().items()}
            if form.method == "POST":
                yield Wanted("POST", path, form=values), "form"
            else:
                yield Wanted("GET", path, values), "query"
