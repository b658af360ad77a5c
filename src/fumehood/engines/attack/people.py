"""Signs people in: by the application's own sign-up and login, as people of the copy's database, by Flask-Login's session."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from fumehood.engines.attack import passwords, ways
from fumehood.engines.attack.exchange import Wanted, is_refusal
from fumehood.engines.attack.known import Known
from fumehood.engines.attack.surface import Entry, removes
from fumehood.engines.attack.touch import CANARY, MIXED
from fumehood.engines.attack.visitor import Stage, Visitor
from fumehood.engines.attack.ways import Account, Way

__all__ = ["PASSWORD", "Account", "gather", "is_refusal"]

PASSWORD = passwords.PASSWORD
PROBES = (PASSWORD, CANARY, MIXED, "Chang3d-passphrase!")
_MOST = 5  # people, beside nobody
_DOORS = 60  # routes that are looked at for one that opens for a session only
_SCHEMES = ("Bearer {}", "{}", "Token {}", "JWT {}")
_PERSON = re.compile(r"admin|root|user|test|demo|guest|alice|bob|john|jane|manager|staff", re.IGNORECASE)
_KEY_HEADER = re.compile(r"key|token|auth", re.IGNORECASE)


def gather(
    stage: Stage, entries: Sequence[Entry], known: Known, root: Path, given: Sequence[Account] = ()
) -> list[str]:
    """Sign people in, two ordinary ones and others of the database, of each role one, where that is possible.

    Parameters:
        stage: the application; the people found are added to ``stage.people``.
        entries: its surface.
        known: its data.
        root: the project's folder, whose source may name accounts.
        given: accounts named by the user, in ``people.toml``; tried first.

    Returns:
        what was tried in vain, in words.
    """
    doors = _Doors(stage, entries, known)
    for account in given:
        doors.sign_in(account)
    for name in ("ada", "bea"):
        account = Account(name, f"fh{name}", f"fh{name}@example.com", PASSWORD)
        if not doors.sign_in(account):
            doors.sign_up(account)
    beside = passwords.written(root)
    for account, row in _chosen(known, beside, passwords.listed(root)):
        if len(stage.people) <= _MOST and account.name not in stage.people:
            doors.as_row(account, row, beside.get(account.user, []) + beside.get(account.email, []))
    _clone(stage, doors, known)
    tried = f"{len(doors.logins)} login routes" if doors.logins else "no login route was found"
    return (
        []
        if len(stage.people) > 2
        else [f"fewer than two people could be signed in ({tried}); name them in people.toml"]
    )


def identify(stage: Stage, known: Known) -> None:
    """Find out which number or name the database has for each person."""
    for visitor in stage.people.values():
        names = {visitor.facts[key] for key in ("user", "email") if visitor.facts.get(key)}
        for account, _ in _from_rows(known, ours=True):
            if (
                names & {account.user, account.email}
                and account.id is not None
                and not visitor.facts.get("id")
            ):
                visitor.facts["id"] = str(account.id)


def _clone(stage: Stage, doors: _Doors, known: Known) -> None:
    """Where nobody can sign up, but somebody could sign in: write two more people like them into the copy's database."""
    if "ada" in stage.people or "bea" in stage.people or len(stage.people) == 1:
        return
    rows = [row for account, row in _from_rows(known) if account.name in stage.people]
    for name in ("ada", "bea"):
        account = Account(name, f"fh{name}", f"fh{name}@example.com", "")
        for row in reversed(rows):
            if passwords.cloned(row, account.user, account.email):
                doors.sign_in(replace(account, password=passwords.password_of(row, account.user)))
                break
    # They come first: ordinary people, of whom nothing is known.
    stage.people = {
        name: stage.people[name] for name in ("", "ada", "bea", *stage.people) if name in stage.people
    }


def _chosen(
    known: Known, beside: dict[str, list[str]], listed: list[str]
) -> list[tuple[Account, dict[str, Any]]]:
    """People of the database, of each role the first, then the rest; then those that only the source names."""
    people = list(_from_rows(known))
    first = {(row["table"], account.role): at for at, (account, row) in reversed(list(enumerate(people)))}
    order = list(dict.fromkeys([*sorted(first.values()), *range(len(people))]))[:_MOST]
    named = (
        list(dict.fromkeys([*listed, *(name for name in beside if _PERSON.match(name))]))
        if not people
        else []
    )
    return [people[at] for at in order] + [(Account(name, name, name, ""), {}) for name in named[:_MOST]]


class _Doors:
    """The application's ways in, and how to tell that one has come in."""

    def __init__(self, stage: Stage, entries: Sequence[Entry], known: Known) -> None:
        self.stage, self.entries, self.known = stage, entries, known
        self.logins, self.sign_ups = ways.logins(entries), ways.sign_ups(entries)
        self._wrong: dict[Way, Any] = {}

    def sign_up(self, account: Account) -> bool:
        """Make an account and sign in with it."""
        for way in self.sign_ups:
            visitor = Visitor(account.name, self.stage)
            answer = ways.send(visitor, way, account)
            if not 0 < answer.status < 400:
                continue
            if self.sign_in(account, made_by=way):
                return True
            if ways.tokens(answer) or (visitor.jar.cookies and self._life(visitor)):
                # Who signs up is signed in: there may be no other door.
                self._token(visitor, ways.tokens(answer))
                self._admit(visitor, account, None, way)
                return True
        return False

    def sign_in(self, account: Account, made_by: Way | None = None) -> bool:
        """Try each login with each name of an account."""
        if not account.password:
            return False
        for way in self.logins:
            for user in dict.fromkeys([account.user, account.email]):
                if visitor := self._enter(way, replace(account, user=user)):
                    self._admit(visitor, replace(account, user=user), way, made_by)
                    return True
        return False

    def as_row(self, account: Account, row: dict[str, Any], words: Sequence[str]) -> bool:
        """Sign in as somebody of the database: with the plain password, one that the source spells, a replaced one, or by Flask-Login."""
        for word in dict.fromkeys([passwords.plain(row), *words]):
            if self.sign_in(replace(account, password=word)):
                return True
        known = passwords.replaced(row)
        return bool(known and self.sign_in(replace(account, password=known))) or self.by_flask_login(account)

    def _enter(self, way: Way, account: Account) -> Visitor | None:
        visitor = Visitor(account.name, self.stage)
        answer = ways.send(visitor, way, account)
        if way not in self._wrong:
            nobody = Visitor("", self.stage)
            # fumehood: ignore[FH260] -- nobody's: it must be wrong
            self._wrong[way] = ways.send(nobody, way, replace(account, password="fh-not-it", user="fhnoone"))  # noqa: S106
        if not ways.lets_in(answer, self._wrong[way]):
            return None
        self._token(visitor, ways.tokens(answer))
        return visitor

    def _token(self, visitor: Visitor, tokens: list[str]) -> None:
        """Show a token the way the application wants to see it: as the schemes are tried, or in a header that it reads."""
        if not tokens:
            return
        visitor.facts["token"] = tokens[0]
        own = dict.fromkeys(
            item.name
            for entry in self.entries
            for item in entry.reads("header")
            if _KEY_HEADER.search(item.name)
        )
        keys = {name: tokens[0] for name in own if name.lower() != "authorization"}
        for scheme in _SCHEMES:
            visitor.headers = {**keys, "Authorization": scheme.format(tokens[0])}
            if self._life(visitor, strict=True):
                return
        # Where every closed route fails by itself, to be let in as far as that must do; a bare token may fail for being bare.
        for scheme in sorted(_SCHEMES, key=lambda scheme: scheme == "{}"):
            visitor.headers = {**keys, "Authorization": scheme.format(tokens[0])}
            if self._life(visitor):
                return
        visitor.headers = {**keys, "Authorization": _SCHEMES[0].format(tokens[0])}

    def _admit(self, visitor: Visitor, account: Account, way: Way | None, made_by: Way | None) -> None:
        visitor.facts = {
            **visitor.facts,
            "user": account.user,
            "email": account.email,
            "password": account.password,
            "role": account.role,
            "id": str(account.id or ""),
        }
        visitor.steps = tuple(ways.request(item, account, self.stage.host) for item in (made_by, way) if item)
        visitor.life = self._life(visitor)
        self._keys(visitor, account, way)

        def again(fresh: Visitor) -> bool:
            entered = None
            for password in dict.fromkeys(
                [account.password, *PROBES] if way else []
            ):  # one may have become the password
                entered = entered or (self._enter(way, replace(account, password=password)) if way else None)
            if entered is None and made_by is not None:
                answer = ways.send(fresh, made_by, account)
                entered = self._enter(way, account) if way else fresh
                if way is None:
                    self._token(fresh, ways.tokens(answer))
            if entered is None:
                return False
            fresh.jar, fresh.headers = entered.jar, entered.headers
            return True

        visitor.sign_in = again
        self.stage.people[account.name] = visitor

    def _keys(self, visitor: Visitor, account: Account, used: Way | None) -> None:
        """Fetch what other doors give to the same person: a session for the pages, a key for the API."""
        for way in self.logins:
            if way is used or way == used:
                continue
            if other := self._enter(way, account):
                for name, value in other.headers.items():
                    visitor.headers.setdefault(name, value)
                for place, value in other.jar.cookies.items():
                    visitor.jar.cookies.setdefault(place, value)

    def _life(self, visitor: Visitor, *, strict: bool = False) -> Wanted | None:
        """Find a request that is refused to nobody's session and answered to this one."""
        failing = None
        for wanted in self._closed():
            answer = visitor.again().send(wanted)
            if is_refusal(answer) or answer.status in {0, 404, 405}:
                continue
            if answer.status < 500:
                return wanted
            failing = failing or wanted  # beyond the door, at least
        return None if strict else failing

    def _closed(self) -> list[Wanted]:
        """Requests that are refused to who is not signed in."""
        if not hasattr(self, "_refused"):
            nobody = self.stage.people[""]
            kept = [entry for entry in self.entries if not removes(entry)]
            safe = [entry for entry in kept if not entry.changes_state][:_DOORS]
            rest = [entry for entry in kept if entry.changes_state][:_DOORS]
            login = {way.entry.key for way in (*self.logins, *self.sign_ups)}
            wanted = [self.known.fill(entry) for entry in (*safe, *rest) if entry.key not in login]
            self._refused = [item for item in wanted if is_refusal(nobody.again().send(item))]
        return self._refused

    def by_flask_login(self, account: Account) -> bool:
        """Give a visitor the session that Flask-Login would make: the engine has the application's own signing key at hand."""
        if not hasattr(self.stage.app, "login_manager") or account.id is None:
            return False
        visitor = Visitor(account.name, self.stage)
        with _minted(self.stage, visitor) as session:
            session["_user_id"] = str(account.id)
            session["_fresh"] = True
        self._admit(visitor, account, None, None)
        visitor.sign_in = None
        return True


def _from_rows(known: Known, *, ours: bool = False) -> Iterator[tuple[Account, dict[str, Any]]]:
    """People of the copy's own database, with their rows."""
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
        role = next(
            (str(value) for key, value in lowered.items() if re.search(r"role|admin|staff", key) and value),
            "",
        )
        identity = lowered.get("fs_uniquifier") or lowered.get("id") or lowered.get("user_id")
        if (user or email) and (ours or not user.startswith(("fhada", "fhbea", "probe"))):
            yield Account(user or email, user or email, email or user, "", role, identity), row


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
            visitor.jar.take([("Set-Cookie", value)], "/")
