from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from fumehood.engines.attack import AnswerCheck, AttackCheck
from fumehood.engines.code import CodeCheck, Flow, FlowCheck, Program
from fumehood.engines.code.raw import raw_attributes
from fumehood.findings import Certainty, Finding, Rule, Severity
from fumehood.practices.access.reading import reserved

if TYPE_CHECKING:
    from fumehood.engines.attack.exchange import Exchange
    from fumehood.engines.attack.ground import Ground

_MARKER = "fhxss"
_MARKED = re.compile(rf"{_MARKER}(?:\d+z)?")


# What a visitor's program says of itself: nobody can make another person's browser say it.
_OWN_WORDS = (
    "flask.request.access_route",
    "flask.request.user_agent",
    "flask.request.remote_addr",
    "flask.request.authorization",
    "flask.request.url_root",
    "flask.request.root_url",
    "flask.request.host_url",
    "flask.request.host",
)
# Flask escapes none of these by itself, but who names all templates so has told it to, or uses an extension that does.
_ESCAPED_IF_TOLD = (".jinja2", ".jinja", ".j2")
# Markup that is made to be taken apart again.
_UNMADE = re.compile(r"\bMarkup\(.*\)\.(unescape|striptags)\(")


class CrossSiteScripting(Rule, FlowCheck, CodeCheck, AnswerCheck, AttackCheck):  # type: ignore[misc]  # flaw() is FlowCheck's
    """A request can put script into a page.

    ## What it finds

    A value of the request that becomes part of an HTML answer without being escaped: in what a view returns, in `Markup`, in a response that is made by hand,
    or in a template where escaping is off. In source also a template that puts a variable with `|safe` into an attribute, wherever it comes from.

    ## Why it is bad

    A link that somebody else prepared then runs script as the person who opens it: it reads their pages and acts in their name.

    ## Example

    ```python
    from flask import Flask, request

    app = Flask(__name__)

    @app.get("/hello")
    def hello():
        return f"<p>Hello, {request.args['name']}</p>"
    ```

    ## Use instead

    ```python
    from flask import Flask, request
    from markupsafe import escape

    app = Flask(__name__)

    @app.get("/hello")
    def hello():
        return f"<p>Hello, {escape(request.args['name'])}</p>"
    ```

    A template with `{{ name }}` escapes by itself.

    ## References

    - [CWE-79: Cross-site Scripting](https://cwe.mitre.org/data/definitions/79.html)
    - [OWASP: Cross Site Scripting Prevention](https://cheatsheetseries.owasp.org/cheatsheets/Cross_Site_Scripting_Prevention_Cheat_Sheet.html)
    """

    id = "FH443"
    name = "cross-site-scripting"
    severity = Severity.HIGH
    cwe = 79
    asvs = ("v5.0.0-1.2.1",)
    sinks = ("html",)
    sources = ("request", "stored")
    message = "{source} becomes part of a page in {sink} without being escaped"
    fix = "Render a template, or escape the value."
    mark = _MARKER
    # The last is for answers that fail where a quote is sent.
    echoes = (f"fh'\"><{_MARKER}>fh", f"javascript:{_MARKER}", f"fh<{_MARKER}>fh")
    mended = f"assert not marked_up(response, {_MARKER!r})"

    def program(self, program: Program) -> Iterator[Finding]:
        for path, text in program.templates.items():
            if not path.endswith((".html", ".htm", ".jinja", ".jinja2", ".j2", ".xhtml")):
                continue
            for place in raw_attributes(path, text):
                yield self.finding(
                    "A variable is put into an attribute as it is: a quote in it ends the attribute.",
                    severity=Severity.MEDIUM,
                    certainty=Certainty.SUSPECTED,
                    location=place,
                    fix="Leave |safe away: Jinja escapes what the attribute needs.",
                )

    def flow(self, flow: Flow) -> Iterator[Finding]:
        if flow.location.path.endswith(".txt") or _UNMADE.search(flow.location.code):
            return
        if flow.source_kind == "stored":
            message = f"What {flow.source} read becomes part of a page in {flow.sink} without being escaped"
            yield self.flaw(flow, message, severity=Severity.MEDIUM, certainty=Certainty.SUSPECTED)
        elif flow.source_name in _OWN_WORDS or (flow.guessed and flow.text in ("", "{}")):
            yield self.flaw(flow, severity=Severity.LOW)  # the second is handed on whole by what is not known
        elif flow.location.path.endswith(_ESCAPED_IF_TOLD) and "safe" not in flow.location.code:
            yield self.flaw(flow, severity=Severity.MEDIUM, certainty=Certainty.SUSPECTED)
        else:
            yield self.flaw(flow)

    def settle(self, findings: Sequence[Finding], program: Program) -> Sequence[Finding]:
        """What reaches a place is told once; and what people with a role of their own write for others weighs less."""
        reached = {(one.location.path, one.location.line) for one in findings if one.trace and one.location}
        trusted = {route.route for route in program.routes if route.changes and reserved(route, program)}
        return [
            replace(one, severity=min(one.severity, Severity.MEDIUM)) if one.route in trusted else one
            for one in findings
            if one.trace or one.location is None or (one.location.path, one.location.line) not in reached
        ]

    def shown(self, answer: Exchange, probe: str) -> str:
        from fumehood.engines.attack.pages import read

        marker = "".join(_MARKED.findall(probe)[:1])
        if not answer.is_html or 300 <= answer.status < 400 or not marker or marker not in answer.body:
            return ""
        why = read(answer.body).injected(marker)
        return f"the page takes it as markup: {why}" if why else ""

    def attack(self, ground: Ground) -> Iterator[Finding]:
        from fumehood.engines.attack.proof import prove
        from fumehood.engines.attack.stored import kept_markup

        for kept in kept_markup(ground):
            message = (
                f"What is sent as {kept.parameter!r} is kept and becomes markup of {kept.page}: {kept.why}"
            )
            yield self.finding(
                message,
                certainty=Certainty.CONFIRMED,
                location=ground.location(kept.entry),
                route=str(kept.entry),
                parameter=kept.parameter,
                evidence=prove(
                    kept.shown or kept.answer,
                    f"GET {kept.page}: {kept.why}",
                    f"assert not marked_up(response, {kept.marker!r})",
                    before=[kept.answer],
                ),
                fix=self.fix,
            )
