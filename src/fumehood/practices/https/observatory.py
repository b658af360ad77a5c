"""The twelve tests of MDN's HTTP Observatory (algorithm 6), with its scores: functions of what was recorded of a site.

The numbers are Mozilla's. They reward some headers more than they protect, and pass some sites that the audit does not: the grade
stands beside the findings, never instead of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from fumehood.engines.address import Site
from fumehood.engines.live.facts import Answer
from fumehood.practices.https.answers import hsts_seconds, parse_cookie, scripts_of
from fumehood.practices.https.policies import policy_of

__all__ = ["Scorecard", "Test", "grade", "score"]

SIX_MONTHS = 15_552_000
_GRADES = ((100, "A+"), (90, "A"), (85, "A-"), (80, "B+"), (70, "B"), (65, "B-"), (60, "C+"), (50, "C"), (45, "C-"), (40, "D+"), (30, "D"), (25, "D-"))  # fmt: skip
_BONUS_FROM = 90
_TOKEN = re.compile(r"[A-Za-z*][\w!#$%&'*+.^`|~:/-]*")


@dataclass(frozen=True, slots=True)
class Test:
    """One test's result: its name, what was found in words, and how many points that gives or costs."""

    name: str
    result: str
    points: int


@dataclass(frozen=True, slots=True)
class Scorecard:
    """The grade from F to A+, its points from 0 to 165, and the tests behind it."""

    grade: str
    points: int
    tests: tuple[Test, ...]

    def __str__(self) -> str:
        return f"{self.grade}, {self.points} points"


def score(site: Site) -> Scorecard | None:
    """Return the scorecard of a site; None when its first page has no answer that is judged."""
    front = site.front
    if front is None or not (200 <= front.status < 400 or front.status in {401, 403}):
        return None
    tests = tuple(Test(name, *test(site, front)) for name, test in _TESTS.items())
    without = 100 + sum(test.points for test in tests if test.points < 0)
    points = without + (
        sum(test.points for test in tests if test.points > 0) if without >= _BONUS_FROM else 0
    )
    points = max(0, points)
    return Scorecard(grade(points), points, tests)


def grade(points: int) -> str:
    """Return the letter of a number of points."""
    floor = points - points % 5
    return next((letter for least, letter in _GRADES if floor >= least), "F")


Result = tuple[str, int]


def _policy(_: Site, front: Answer) -> Result:
    policy = policy_of(front)
    if not policy.valid:
        only = front.header("Content-Security-Policy-Report-Only")
        return ("only reported, not enforced" if only and not policy.given else policy.why or "missing"), -25
    if policy.loads_plain(active=True):
        return "active content may come over plain HTTP", -20
    if policy.unsafe_scripts():
        return "any script may run: 'unsafe-inline', data: or no limit on scripts or objects", -20
    if "'unsafe-eval'" in policy.sources("script-src") + policy.sources("style-src"):
        return "'unsafe-eval'", -10
    if policy.loads_plain(active=False):
        return "images or media may come over plain HTTP", -10
    if policy.unsafe_styles():
        return "'unsafe-inline' for styles only", 0
    if policy.sources("default-src") in ((), ("'none'",)) and policy.has("default-src"):
        return "nothing unsafe, and default-src 'none'", 10
    return "nothing unsafe", 5


def _cookies(site: Site, front: Answer) -> Result:
    cookies = [
        parse_cookie(header)
        for answer in (front, *site.asked("robots"))
        for header in answer.cookies
        if not header.startswith("heroku-session-affinity=")
    ]
    if not cookies:
        return "no cookies", 0
    hsts = hsts_seconds(front.header("Strict-Transport-Security")) > 0 and site.is_https
    worst: Result = ("all Secure, sessions HttpOnly, all SameSite", 5)
    for cookie in cookies:
        name = cookie.name.lower()
        session = "sess" in name or "login" in name
        found: list[Result] = []
        if not cookie.secure:
            if hsts:
                found.append((f"{cookie.name} is not Secure, HSTS makes up for it", -10 if session else -5))
            else:
                found.append((f"{cookie.name} is not Secure", -40 if session else -20))
        if session and not cookie.httponly:
            found.append((f"{cookie.name} can be read by scripts", -30))
        if cookie.samesite not in {"lax", "strict", "none", ""} or (
            cookie.samesite == "none" and not cookie.secure
        ):
            found.append((f"{cookie.name} has an invalid SameSite", -20))
        if "csrf" in name and not cookie.samesite:
            found.append((f"{cookie.name} has no SameSite", -20))
        if not cookie.samesite:
            found.append((f"all Secure, sessions HttpOnly; {cookie.name} without SameSite", 0))
        worst = min([worst, *found], key=lambda item: item[1])
    return worst


def _cors(site: Site, _: Answer) -> Result:
    for answer in site.asked("foreign-preflight"):
        allowed = answer.header("Access-Control-Allow-Origin")
        if (
            allowed.startswith("https://fumehood-audit.")
            and answer.header("Access-Control-Allow-Credentials").lower() == "true"
        ):
            return "any origin is allowed with credentials", -50
        if allowed == "*":
            return "public", 0
    return "not for other origins", 0


def _redirection(site: Site, _: Answer) -> Result:
    if site.untrusted:
        return f"the certificate is not trusted: {site.untrusted}", -20
    chain = site.chains.get("http", ())
    if not chain:
        return "nothing answers over plain HTTP", 0
    if len(chain) == 1:
        return "no redirect from plain HTTP", -20
    if not chain[-1].startswith("https:"):
        return "the redirects end at plain HTTP", -20
    if chain[1].startswith("http:"):
        return "the first redirect is to plain HTTP", -10
    if urlsplit(chain[1]).hostname != site.host:
        return "the first redirect is to another host", -5
    return "to HTTPS on the same host", 0


def _referrer(_: Site, front: Answer) -> Result:
    given = [part.strip().lower() for part in front.header("Referrer-Policy").split(",") if part.strip()]
    strong = {"no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin"}
    known = {*strong, "no-referrer-when-downgrade", "origin", "origin-when-cross-origin", "unsafe-url"}
    if not given:
        return "absent; browsers take strict-origin-when-cross-origin", 0
    last = next((part for part in reversed(given) if part in known), "")
    if last in strong:
        return last, 5
    return (last, -5) if last else ("unknown value", -5)


def _hsts(site: Site, front: Answer) -> Result:
    if not site.is_https:
        return "no HTTPS", -20
    if site.untrusted:
        return "the certificate is not trusted, so browsers ignore it", -20
    header = front.header("Strict-Transport-Security")
    seconds = hsts_seconds(header) if "," not in header else 0
    if not seconds:
        return ("absent" if not header else "unreadable"), -20
    return ("at least six months", 0) if seconds >= SIX_MONTHS else ("less than six months", -10)


def _integrity(site: Site, front: Answer) -> Result:
    if not front.is_html:
        return "no HTML", 0
    scripts = list(scripts_of(front.body))
    if not scripts:
        return "no scripts", 0
    outside, own_checked, unchecked, worst = 0, 0, 0, 0
    for script in scripts:
        src = script["src"]
        there = urlsplit(urljoin(front.url, src))
        checked = bool(script.get("integrity"))
        same = there.hostname == site.host
        plain = there.scheme == "http" or src.startswith("//")
        if same and not src.startswith("//"):
            own_checked += checked
            continue
        outside += 1
        if not checked:
            unchecked += 1
        worst = min(worst, 0 if checked and not plain else -20 if checked else -50 if plain else -5)
    if worst:
        return {
            -5: "scripts of other hosts without integrity",
            -20: "integrity, but over plain HTTP",
            -50: "scripts of other hosts, unchecked, over plain HTTP",
        }[worst], worst
    if outside or own_checked == len(scripts):
        return "all scripts are checked", 5
    return "only its own scripts", 0


def _nosniff(_: Site, front: Answer) -> Result:
    return (
        ("nosniff", 0)
        if front.header("X-Content-Type-Options").strip().lower() == "nosniff"
        else ("absent or other", -5)
    )


def _frames(_: Site, front: Answer) -> Result:
    policy = policy_of(front)
    if policy.valid and policy.has("frame-ancestors"):
        return "frame-ancestors in the Content-Security-Policy", 5
    given = front.header("X-Frame-Options").strip().lower()
    if given in {"deny", "sameorigin"}:
        return f"{given.upper()}; frame-ancestors would give 5", 0
    return ("ALLOW-FROM", 0) if given.startswith("allow-from") else ("absent or invalid", -20)


def _resource(_: Site, front: Answer) -> Result:
    given = front.header("Cross-Origin-Resource-Policy").strip().lower()
    if given in {"same-origin", "same-site"}:
        return given, 10
    return (given or "absent", 0) if given in {"", "cross-origin"} else ("invalid", -5)


def _isolation(header: str, strong: frozenset[str]) -> Callable[[Site, Answer], Result]:
    def judged(_: Site, front: Answer) -> Result:
        given = front.header(header).strip()
        if not given:
            return "absent", 0
        token = _TOKEN.match(given)
        value = token[0] if token else ""
        rest = given[len(value) :].strip()
        if not value or (rest and not rest.startswith(";")):
            return "invalid", -5
        return (value, 10) if value in strong else (value, 0) if value == "unsafe-none" else ("invalid", -5)

    return judged


_TESTS: dict[str, Callable[[Site, Answer], Result]] = {
    "content-security-policy": _policy,
    "cookies": _cookies,
    "cross-origin-resource-sharing": _cors,
    "redirection": _redirection,
    "referrer-policy": _referrer,
    "strict-transport-security": _hsts,
    "subresource-integrity": _integrity,
    "x-content-type-options": _nosniff,
    "x-frame-options": _frames,
    "cross-origin-resource-policy": _resource,
    "cross-origin-embedder-policy": _isolation("Cross-Origin-Embedder-Policy", frozenset({"require-corp", "credentialless"})),
    "cross-origin-opener-policy": _isolation("Cross-Origin-Opener-Policy", frozenset({"same-origin", "same-origin-allow-popups", "noopener-allow-popups"})),
}  # fmt: skip
