"""Shows SQL injection from outside, without looking into the application: by a database's error, or by a condition that is obeyed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fumehood.engines.address.outside import Trial
    from fumehood.engines.attack.exchange import Exchange

__all__ = ["shown_from_outside"]

# Tokens and nonces: new in each answer.
_TOKENS = re.compile(r"[\w.+/=-]{20,}")
_ERRORS = re.compile(
    r"sqlite3?\.(OperationalError|Warning|ProgrammingError)|unrecognized token|near \"[^\"]*\": syntax error|SQLSTATE|psycopg\d?\.errors|"
    r"syntax error at or near|unterminated quoted string|You have an error in your SQL syntax|pymysql\.err|MySQLdb\.|ORA-\d{5}|"
    r"Unclosed quotation mark|sqlalchemy\.exc\.|ODBC SQL Server Driver",
)


def shown_from_outside(trial: Trial) -> str:
    """Say how a parameter's answers show that its value becomes part of a statement; "" when they do not."""
    for odd in ("'", "fh'\"`("):
        found = _ERRORS.search(trial.ask(trial.value + odd).body)
        if found and not _ERRORS.search(trial.honest.body):
            return f"a quote makes the database complain: {found[0]!r}"
    return _obeyed(trial)


def _obeyed(trial: Trial) -> str:
    """A true condition leaves the answer as it was, a false one changes it, twice over: then the database reads the value."""
    if not trial.honest.ok or not _alike(trial.ask(trial.value), trial.honest):
        return ""  # an answer that changes by itself tells nothing
    forms = ["{value}' AND '{a}'='{b}", '{value}" AND "{a}"="{b}']
    if trial.value.isdecimal():
        forms.insert(0, "{value} AND {a}={b}")
    for form in forms:
        pairs = ((731, 731, True), (731, 732, False), (904, 904, True), (904, 911, False))
        if all(
            _alike(trial.ask(form.format(value=trial.value, a=a, b=b)), trial.honest) is same
            for a, b, same in pairs
        ):
            return f"a condition in the value is obeyed: {form.format(value=trial.value, a=904, b=911)!r} answers otherwise than with 904"
    return ""


def _alike(one: Exchange, other: Exchange) -> bool:
    if one.status != other.status:
        return False
    # What the request says, a page may repeat: what was sent is no difference.
    return _without_sent(one) == _without_sent(other)


def _without_sent(answer: Exchange) -> str:
    from html import escape
    from urllib.parse import quote, quote_plus

    # What the request says, a page may repeat: what was sent is no difference.
    body = answer.body
    for value in sorted({*answer.wanted.query.values(), *answer.wanted.form.values()}, key=len, reverse=True):
        for written in (
            value,
            escape(value),
            escape(value).replace("&#x27;", "&#39;").replace("&quot;", "&#34;"),
            quote(value),
            quote_plus(value),
        ):
            body = body.replace(written, "") if len(written) > 1 else body
    return _TOKENS.sub("", body)
