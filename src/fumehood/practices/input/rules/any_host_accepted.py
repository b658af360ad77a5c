from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fumehood.engines.attack import AttackCheck
from fumehood.engines.live import LiveApp, LiveCheck
from fumehood.findings import Certainty, Evidence, Finding, Rule, Severity, Unknown

if TYPE_CHECKING:
    from fumehood.engines.attack.ground import Ground


class AnyHostAccepted(Rule, LiveCheck, AttackCheck):
    """The application answers to any host name.

    ## What it finds

    A page that is served to a request whose `Host` belongs to somebody else; `TRUSTED_HOSTS` is not set.

    ## Why it is bad

    Links that the application makes (password resets above all), redirects and cached pages then lead to a host of the sender's choosing.

    ## Example

    ```python
    from flask import Flask, url_for

    app = Flask(__name__)


    @app.get("/")
    def index():
        return url_for("index", _external=True)
    ```

    ## Use instead

    ```python
    from flask import Flask, url_for

    app = Flask(__name__)
    app.config["TRUSTED_HOSTS"] = ["shop.example", "localhost"]


    @app.get("/")
    def index():
        return url_for("index", _external=True)
    ```

    ## References

    - [Flask: TRUSTED_HOSTS](https://flask.palletsprojects.com/en/stable/config/#TRUSTED_HOSTS)
    - [CWE-644: Improper Neutralization of HTTP Headers](https://cwe.mitre.org/data/definitions/644.html)
    """

    id = "FH402"
    name = "any-host-accepted"
    severity = Severity.LOW
    cwe = 644
    asvs = ("v5.0.0-4.1.3",)
    together = "questions"

    def live(self, app: LiveApp) -> Iterator[Finding | Unknown]:
        asked = app.asked("foreign-host")
        if not asked:
            yield Unknown(self.id, "no page answered a request with another host's name")
        for answer in asked:
            if answer.status >= 400:
                continue
            host = answer.url.split("/")[2]
            told = host in answer.header("Location") or host in answer.body
            yield self.finding(
                "A request for another host's name is answered"
                + (", and the answer leads to that host." if told else "."),
                severity=Severity.MEDIUM if told else self.severity,
                location=app.place("TRUSTED_HOSTS"),
                evidence=(Evidence("response", str(answer)), Evidence("setting", "TRUSTED_HOSTS is not set")),
                fix="Set TRUSTED_HOSTS to the names that the application is reached by.",
            )

    def attack(self, ground: Ground) -> Iterator[Finding | Unknown]:
        from fumehood.engines.attack.poisoned import ELSEWHERE, led_elsewhere
        from fumehood.engines.attack.proof import prove

        for led in led_elsewhere(ground):
            if led.by == "page":
                continue  # the visitor's own browser sent the name; it matters where others see it
            yield self.finding(
                f"{led.header} decides where a link in {'mail' if led.by == 'mail' else 'a redirect'} leads: {led.link}",
                severity=Severity.HIGH if led.by == "mail" else Severity.MEDIUM,
                certainty=Certainty.CONFIRMED,
                location=ground.location(led.entry),
                route=str(led.entry),
                evidence=prove(
                    led.answer,
                    f"sent with {led.header}: {ELSEWHERE}, it made the link {led.link}",
                    ""
                    if led.by == "mail"
                    else f'assert "{ELSEWHERE}" not in response.headers.get("Location", "")',
                ),
                fix="Set TRUSTED_HOSTS, and make links in mail from a configured address.",
            )
