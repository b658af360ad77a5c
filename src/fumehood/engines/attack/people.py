"""Finds ways into the application for several people: its own sign-up and login, people in the copy's database, Flask-Login's session."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from fumehood.engines.attack.exchange import Exchange, Wanted
from fumehood.engines.attack.known import Known
from fumehood.engines.attack.pages import Form, read
from fumehood.engines.attack.surface import Entry
from fumehood.engines.attack.visitor import Stage, Visitor

__all__ = ["PASSWORD", "Account", "gather", "is_refusal"]

# fumehood: ignore[FH260] -- of accounts that exist in a throw-away copy of the application only
PASSWORD = "Prob3-passphrase!"  # noqa: S105
_SIGN_UP = re.compile(
    r"register|sign[-_]?up|join|create[-_]?(user|account)|new[-_]?user|(^|[./_])users?$", re.IGNORECASE
)
_LOGIN = re.compile(r"log[-_]?in|sign[-_]?in|auth|session|token", re.IGNORECASE)
_SECRET = re.compile(r"pass|pwd", re.IGNORECASE)
_TOKEN = re.compile(r"token|jwt|access", re.IGNORECASE)
_REFUSED_TEXT = re.compile(
    r"invalid|incorrect|wrong|fail|not match|unknown user|does not exist", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Account:
    """Who somebody is to the application."""

    name: str
    user: str
    email: str
    password: str
    role: str = ""
    id: Any = None


def is_refusal(answer: Exchange) -> bool:
    """Tell whether an answer sends the visitor away: 401, 403, or a redirect to a login page."""
    location = answer.header("Location")
    return answer.status in {401, 403, 407} or (
        300 <= answer.status < 400 and _LOGIN.search(location) is not None
    )


def gather(stage: Stage, entries: list[Entry], known: Known, given: list[Account] | None = None) -> list[str]:
    """Sign people in, two ordinary ones and one of each role at least where that is possible.

    Parameters:
        stage: the application; the people found are added to ``stage.people``.
        entries: its surface.
        known: its data.
        given: accounts named by the user, in ``people.toml``; tried first.

    Returns:
        what was tried in vain, in words.
    """
    logins = _entries(stage, entries, _LOGIN, not_matching=_SIGN_UP)
    for account in given or ():
        _sign_in(stage, logins, account)
    for name in ("ada", "bea"):
        account = Account(name, f"fh{name}", f"fh{name}@example.com", PASSWORD)
        for way in _entries(stage, entries, _SIGN_UP):
            if _sign_up(stage, way, account) and _sign_in(stage, logins, account):
                break
    known_people = list(_from_rows(known))
    for account in known_people:
        if account.password and len(stage.people) < 6:
            _sign_in(stage, logins, account)
    if "login_manager" in vars(stage.app) or hasattr(stage.app, "login_manager"):
        for account in known_people:
            if account.id is not None and account.name not in stage.people and len(stage.people) < 6:
                _by_flask_login(stage, account)
    tried = f"{len(logins)} login routes" if logins else "no login route was found"
    return (
        []
        if len(stage.people) > 2
        else [f"fewer than two people could be signed in ({tried}); name them in people.toml"]
    )


@dataclass(frozen=True, slots=True)
class _Way:
    """A route that takes credentials: by a form of its page, or by the names that its view reads."""

    entry: Entry
    form: Form | None
    json: bool

    def names(self) -> list[str]:
        own = [item.name for item in self.entry.reads("json" if self.json else "form") if item.name]
        return list(dict.fromkeys([*(self.form.fields if self.form else ()), *own]))


def _entries(
    stage: Stage, entries: list[Entry], pattern: re.Pattern[str], not_matching: re.Pattern[str] | None = None
) -> list[_Way]:
    ways = []
    for entry in entries:
        where = f"{entry.rule} {entry.endpoint}"
        if (
            entry.method != "POST"
            or not pattern.search(where)
            or (not_matching and not_matching.search(entry.rule))
        ):
            continue
        form = _form(stage, entry)
        by_json = any(_SECRET.search(item.name) for item in entry.reads("json"))
        if by_json or form is not None or any(_SECRET.search(item.name) for item in entry.reads("form")):
            ways.append(_Way(entry, form, by_json and form is None))
    # What names it outright comes first.
    return sorted(ways, key=lambda way: (len(way.entry.rule), way.entry.rule))


def _form(stage: Stage, entry: Entry) -> Form | None:
    if "<" in entry.rule or not any(
        rule.rule == entry.rule and "GET" in (rule.methods or ()) for rule in stage.app.url_map.iter_rules()
    ):
        return None
    answer = stage.people[""].send(Wanted("GET", entry.rule))
    forms = read(answer.body, entry.rule).forms if answer.is_html else []
    return next((form for form in forms if form.has_password), None)


def _filled(way: _Way, account: Account) -> dict[str, Any]:
    values: dict[str, Any] = dict(way.form.values()) if way.form else {}
    for name in way.names():
        lowered = name.lower()
        if way.form and name in values and way.form.fields[name][0] == "hidden" and values[name]:
            continue
        if _SECRET.search(lowered):
            values[name] = account.password
        elif "mail" in lowered:
            values[name] = account.email
        elif re.search(r"user|login|name|nick|identity", lowered):
            values[name] = account.user
        elif lowered in {"accept", "agree", "terms", "tos"}:
            values[name] = "y"
        elif name not in values:
            values[name] = "probe"
    return values


def _send(visitor: Visitor, way: _Way, account: Account) -> Exchange:
    if way.form is not None:
        # A fresh page: its CSRF token belongs to this visitor's session.
        page = visitor.send(Wanted("GET", way.entry.rule))
        form = next((form for form in read(page.body, way.entry.rule).forms if form.has_password), way.form)
        way = _Way(way.entry, form, way.json)
    filled = _filled(way, account)
    headers = {"Origin": f"https://{visitor.stage.host}", "Referer": f"https://{visitor.stage.host}/"}
    if way.json:
        return visitor.send(Wanted("POST", way.entry.rule, document=filled, headers=headers))
    return visitor.send(
        Wanted(
            "POST", way.entry.rule, form={name: str(value) for name, value in filled.items()}, headers=headers
        )
    )


def _sign_up(stage: Stage, way: _Way, account: Account) -> bool:
    answer = _send(Visitor(account.name, stage), way, account)
    return 200 <= answer.status < 400


def _sign_in(stage: Stage, logins: list[_Way], account: Account) -> bool:
    for way in logins:
        for user in dict.fromkeys([account.user, account.email]):
            visitor = Visitor(account.name, stage)
            answer = _send(visitor, way, Account(account.name, user, account.email, account.password))
            if not _let_in(visitor, answer, way):
                continue
            visitor.facts = {
                "user": account.user,
                "email": account.email,
                "password": account.password,
                "role": account.role,
                "id": str(account.id or ""),
            }
            stage.people[account.name] = visitor
            return True
    return False


def _let_in(visitor: Visitor, answer: Exchange, way: _Way) -> bool:
    if not 200 <= answer.status < 400:
        return False
    if token := next(_tokens(answer.document), ""):
        visitor.headers["Authorization"] = f"Bearer {token}"
        visitor.facts["token"] = token
        return True
    given = [value.partition(";")[0] for name, value in answer.headers if name == "Set-Cookie"]
    again = (
        answer.is_html and way.form is not None and any(form.has_password for form in read(answer.body).forms)
    )
    if again or (
        300 <= answer.status < 400
        and answer.header("Location").rstrip("/").endswith(way.entry.rule.rstrip("/"))
    ):
        return False
    if answer.ok and _REFUSED_TEXT.search(answer.body[:4000]) and not given:
        return False
    return any(pair.partition("=")[2] not in {"", '""'} for pair in given)


def _tokens(document: Any, depth: int = 0) -> Iterator[str]:
    if depth > 5:
        return
    if isinstance(document, dict):
        for key, value in document.items():
            if isinstance(value, str) and len(value) >= 16 and _TOKEN.search(str(key)):
                yield value
            else:
                yield from _tokens(value, depth + 1)
    elif isinstance(document, list):
        for item in document[:10]:
            yield from _tokens(item, depth + 1)


def _from_rows(known: Known) -> Iterator[Account]:
    """People of the copy's own database; their password is known where it is kept in plain text."""
    for row in known.people:
        lowered = {key.lower(): value for key, value in row.items()}
        user = next(
            (
                str(value)
                for key, value in lowered.items()
                if re.search(r"^(user_?name|user|login|name|nick\w*)$", key) and value
            ),
            "",
        )
        email = next((str(value) for key, value in lowered.items() if "mail" in key and value), "")
        secret = next((str(value) for key, value in lowered.items() if _SECRET.search(key) and value), "")
        plain = (
            secret
            if secret
            and len(secret) < 40
            and "$" not in secret
            and not re.fullmatch(r"[0-9a-f]{32,}", secret)
            else ""
        )
        role = next(
            (str(value) for key, value in lowered.items() if re.search(r"role|admin|staff", key) and value),
            "",
        )
        identity = lowered.get("fs_uniquifier") or lowered.get("id") or lowered.get("user_id")
        if user or email:
            yield Account(user or email, user or email, email or user, plain, role, identity)


def _by_flask_login(stage: Stage, account: Account) -> None:
    """Give a visitor the session that Flask-Login would make: the engine has the application's own signing key at hand."""
    visitor = Visitor(account.name, stage)
    with _minted(stage, visitor) as session:
        session["_user_id"] = str(account.id)
        session["_fresh"] = True
    visitor.facts = {
        "user": account.user,
        "email": account.email,
        "role": account.role,
        "id": str(account.id),
    }
    stage.people[account.name] = visitor


@contextmanager
def _minted(stage: Stage, visitor: Visitor) -> Iterator[Any]:
    app = stage.app
    with app.test_request_context(base_url=f"https://{stage.host}") as context:
        session = app.session_interface.open_session(app, context.request)
        yield {} if session is None else session
        if session is None:
            return
        response = app.response_class()
        app.session_interface.save_session(app, session, response)
        for value in response.headers.getlist("Set-Cookie"):
            name, _, rest = value.partition("=")
            visitor.client.set_cookie(name, rest.partition(";")[0], domain=stage.host.partition(":")[0])
