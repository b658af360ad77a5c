"""Looks around before anything is tried: pages with their forms and links, and what each route asks a request for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from fumehood.engines.attack import stores
from fumehood.engines.attack.described import described, is_description
from fumehood.engines.attack.exchange import PAGE_TOKEN, Wanted, is_refusal
from fumehood.engines.attack.known import Known
from fumehood.engines.attack.pages import Form, read
from fumehood.engines.attack.resolvers import questions
from fumehood.engines.attack.surface import Entry, Parameter
from fumehood.engines.attack.visitor import Stage

__all__ = ["LEAVES", "Survey", "apply", "ask_graphs", "crawl", "listen_to", "take"]

_PAGES = 80
_ROUNDS = 3
_WORDS = 8
_COUNTED = 300  # routes; with more, rows are not counted around each request
_FEW = 2
LEAVES = re.compile(r"log-?_?out|sign-?_?out|delet|remov|destroy", re.IGNORECASE)
_TOKEN = re.compile(r"csrf|xsrf|nonce|token", re.IGNORECASE)


@dataclass(slots=True)
class Survey:
    """What was learnt, by an entry's key: parameters, and the form that is sent there with its page."""

    parameters: dict[str, list[Parameter]] = field(default_factory=dict)
    forms: dict[str, tuple[str, dict[str, str]]] = field(default_factory=dict)
    kinds: dict[str, dict[str, str]] = field(default_factory=dict)
    questions: dict[str, dict[str, tuple[str, dict[str, Any]]]] = field(default_factory=dict)
    words: dict[str, list[str]] = field(default_factory=dict)
    takes_away: list[str] = field(default_factory=list)

    def add(self, entry: Entry, parameters: Iterable[Parameter]) -> bool:
        """Remember parameters; tell whether one of them is new."""
        known = self.parameters.setdefault(entry.key, [])
        new = [
            item for item in dict.fromkeys(parameters) if item not in known and item not in entry.parameters
        ]
        known += new
        return bool(new)

    def as_json(self) -> dict[str, Any]:
        return {
            "parameters": {key: [[item.source, item.name] for item in items] for key, items in self.parameters.items()},
            "forms": self.forms,
            "kinds": self.kinds,
            "questions": self.questions,
            "words": self.words,
            "takes_away": self.takes_away,
        }  # fmt: skip

    @classmethod
    def from_json(cls, given: dict[str, Any]) -> Survey:
        return cls(
            {key: [Parameter(*item) for item in items] for key, items in given.get("parameters", {}).items()},
            {key: (page, fields) for key, (page, fields) in given.get("forms", {}).items()},
            given.get("kinds", {}),
            given.get("questions", {}),
            given.get("words", {}),
            list(given.get("takes_away", ())),
        )


def apply(survey: Survey, entries: Sequence[Entry]) -> list[Entry]:
    """Return the entries with what a survey learnt of them."""
    result = []
    for entry in entries:
        changed = replace(
            entry.having(survey.parameters.get(entry.key, ())),
            words=tuple(survey.words.get(entry.key, ())),
            kinds=survey.kinds.get(entry.key, {}),
            questions=survey.questions.get(entry.key, {}),
            takes_away=entry.key in survey.takes_away,
        )
        if entry.key in survey.forms:
            page, fields = survey.forms[entry.key]
            changed = replace(changed, page=page, defaults=fields)
        result.append(changed)
    return result


class _Map:
    """Finds the entry that a link or a form leads to."""

    def __init__(self, app: Flask, entries: Sequence[Entry]) -> None:
        self._adapter = app.url_map.bind("localhost")
        self._entries = {entry.key: entry for entry in entries}

    def find(self, method: str, path: str) -> Entry | None:
        try:
            rule, _ = self._adapter.match(path, method, return_rule=True)
        except RequestRedirect as moved:
            there = urlsplit(moved.new_url).path
            return self.find(method, there) if there != path else None
        except HTTPException:
            return None
        return self._entries.get(f"{method} {rule.rule} {rule.endpoint}")


def crawl(stage: Stage, entries: Sequence[Entry], survey: Survey, known: Known, person: str = "") -> None:
    """Follow the links of pages from every route that needs nothing, and remember forms and the names in queries."""
    finder = _Map(stage.app, entries)
    waiting = [
        *(entry.rule for entry in entries if entry.method == "GET" and "<" not in entry.rule),
        *(known.fill(entry, person).path for entry in entries if entry.method == "GET" and "<" in entry.rule),
    ]
    seen: set[str] = set()
    kinds: dict[str, int] = {}
    while waiting and len(seen) < max(_PAGES, 2 * len(entries)):
        target = waiting.pop(0)
        path, _, query = target.partition("?")
        entry = finder.find("GET", path)
        if (
            target in seen
            or entry is None
            or entry.key in survey.takes_away
            or LEAVES.search(f"{entry.rule} {entry.endpoint}")
        ):
            continue
        seen.add(target)
        kinds[entry.key] = kinds.get(entry.key, 0) + 1
        pairs = dict(parse_qsl(query, keep_blank_values=True))
        survey.add(entry, (Parameter("query", name) for name in pairs))
        if kinds[entry.key] > 3:
            continue
        answer = stage.send(Wanted("GET", path, query=pairs, person=person))
        if answer.is_json and is_description(document := answer.document):
            take(document, entries, survey)
        if not answer.is_html or not (
            "<form" in answer.body or "href" in answer.body or "src" in answer.body
        ):
            continue
        page = read(answer.body, path)
        for form in page.forms:
            _remember(finder, survey, form, path)
        waiting += [link for link in page.links if link not in seen]


def ask_graphs(stage: Stage, entries: Sequence[Entry], survey: Survey) -> None:
    """Remember what GraphQL endpoints can be asked."""
    for entry in entries:
        asked = questions(stage, entry, list(stage.people)[:2])
        if asked:
            survey.questions[entry.key] = {item.field: (item.document, item.variables) for item in asked}
        survey.add(entry, [parameter for item in asked for parameter in item.parameters()])


def take(document: dict[str, Any], entries: Sequence[Entry], survey: Survey) -> None:
    """Remember what a description of the application's API says."""
    for entry, parameters in described(document, entries):
        survey.add(entry, parameters)


def _remember(finder: _Map, survey: Survey, form: Form, page: str) -> None:
    path, _, query = form.action.partition("?")
    entry = finder.find(form.method, path)
    if entry is None:
        return
    source = "form" if entry.changes_state else "query"
    survey.add(
        entry,
        [
            *(Parameter("query", name) for name, _ in parse_qsl(query)),
            *(
                Parameter("file" if kind == "file" else source, name)
                for name, (kind, _) in form.fields.items()
                if kind not in {"button", "image", "reset"}
            ),
        ],
    )
    kinds = {name: kind for name, (kind, _) in form.fields.items()}
    survey.kinds[entry.key] = kinds | survey.kinds.get(entry.key, {})
    if entry.changes_state and entry.key not in survey.forms:
        survey.forms[entry.key] = (
            page,
            {
                name: PAGE_TOKEN if kind == "hidden" and value and _TOKEN.search(name) else value
                for name, (kind, value) in form.fields.items()
                if value and kind != "file"
            },
        )


def listen_to(stage: Stage, entries: Sequence[Entry], survey: Survey, known: Known, scratch: Path) -> None:
    """Ask each route honestly, and hear which names it asks the request for; what is given then may make it ask for more."""
    counted = len(entries) <= _COUNTED
    for entry in sorted(entries, key=lambda entry: (entry.changes_state, bool(LEAVES.search(entry.key)))):
        if entry.key in survey.takes_away:
            continue  # who has signed in would be gone
        before = stores.rows(scratch) if counted else set()
        for person in ("", *(name for name in stage.people if name))[:3]:
            if _hear(stage, entry, survey, known, person):
                break
        # A row or two may be what a request is for; many, or a table, is a reset.
        lost = before - stores.rows(scratch) if before else set()
        if len(lost) > max(_FEW, len(before) // 3) and entry.key not in survey.takes_away:
            survey.takes_away.append(entry.key)


def _hear(stage: Stage, entry: Entry, survey: Survey, known: Known, person: str) -> bool:
    """Returns whether this person was not sent away."""
    for _ in range(_ROUNDS):
        (current,) = apply(survey, [entry])
        answer = stage.send(known.fill(current, person))
        names = list(answer.asked)
        if ("query", "=") in names:
            names += [("query", word) for word in answer.words[:_WORDS]]
        if any(name == "*" for _, name in names):
            survey.words.setdefault(entry.key, list(answer.words[:_WORDS]))
        asked = [Parameter(source, name) for source, name in names if name != "="]
        if not entry.changes_state:
            asked = [item for item in asked if item.source in {"query", "cookie", "header"}]
        if not survey.add(entry, asked):
            break
    return not is_refusal(answer)
