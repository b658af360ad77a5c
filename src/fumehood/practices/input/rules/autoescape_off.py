from __future__ import annotations

from collections.abc import Iterator

from fumehood.engines.code import Assign, CodeCheck
from fumehood.engines.live import LiveApp, LiveCheck
from fumehood.findings import Certainty, Evidence, Finding, Rule, Severity, Unknown


class AutoescapeOff(Rule, LiveCheck, CodeCheck):
    """Templates do not escape what they show.

    ## What it finds

    A Jinja environment that does not escape in templates named `.html`, or in templates with another name that hold HTML (`.j2`, `.jinja`).

    ## Why it is bad

    What a visitor types is then part of the page, scripts included, wherever a template shows it.

    ## Example

    ```python
    from flask import Flask

    app = Flask(__name__)
    app.jinja_env.autoescape = False
    ```

    ## Use instead

    Flask's default; what is HTML already is marked where it is made, with `markupsafe.Markup`, after `clean_html`.

    ```python
    from flask import Flask

    app = Flask(__name__)
    ```

    ## References

    - [CWE-79: Cross-site Scripting](https://cwe.mitre.org/data/definitions/79.html)
    - [Flask: controlling autoescaping](https://flask.palletsprojects.com/en/stable/templating/#controlling-autoescaping)
    """

    id = "FH403"
    name = "autoescape-off"
    severity = Severity.HIGH
    cwe = 79
    asvs = ("v5.0.0-1.2.1",)

    assigns = (
        "flask.Flask.jinja_env.autoescape",
        "flask.Flask.jinja_options",
        "flask.Flask.jinja_options[autoescape]",
    )

    def assign(self, assign: Assign) -> Iterator[Finding]:
        if assign.value.may_be(False) or any(
            name == "autoescape" and value.may_be(False) for name, value in assign.value.entries().items()
        ):
            yield self.flaw(
                assign,
                "Jinja does not escape in HTML templates.",
                certainty=Certainty.READ,
                fix="Take the setting away: Flask escapes in HTML templates by default.",
            )

    def live(self, app: LiveApp) -> Iterator[Finding | Unknown]:
        escaped = app.details["jinja"]["autoescape"]
        if not escaped["page.html"]:
            yield self.finding(
                "Jinja does not escape in HTML templates.",
                location=app.place("AUTOESCAPE", "autoescape"),
                evidence=(Evidence("setting", "jinja_env.autoescape is off for page.html"),),
                fix="Take the setting away: Flask escapes in HTML templates by default.",
            )
            return
        templates = app.details["jinja"]["templates"]
        for suffix in (".jinja", ".j2"):
            names = [
                name
                for name in templates
                if name.endswith((".html" + suffix, ".htm" + suffix)) and not escaped[f"page{suffix}"]
            ]
            if names and not escaped["page.html.j2"]:
                yield self.finding(
                    f"Jinja does not escape in templates named {suffix}.",
                    evidence=tuple(Evidence("file", f"templates: {name}") for name in names[:5]),
                    fix=f"Name them .html, or let jinja_env.autoescape be true for {suffix} too.",
                )
