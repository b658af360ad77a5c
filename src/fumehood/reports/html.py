"""The report as one HTML page that stands alone: no script, nothing loaded from elsewhere, dark and light."""

from __future__ import annotations

from jinja2 import Environment, select_autoescape

from fumehood.audit import AuditResult, severity_counts
from fumehood.findings import practice_of

__all__ = ["render"]

_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Fumehood audit of {{ name }}</title>
<style>
:root { color-scheme: light dark; --line: #d5d9de; --soft: #5b6570; --bad: #b3261e; --good: #1b6e3c; --open: #8a5a00; --paper: #f6f7f9 }
@media (prefers-color-scheme: dark) { :root { --line: #3a414a; --soft: #a3adb8; --bad: #ff8a80; --good: #7bd99b; --open: #f2c063; --paper: #1d2126 } }
body { background: Canvas; color: CanvasText; font: 1rem/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; width: 100% }
td, th { text-align: left; padding: .35rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top }
.holds, .fails, .unknown { white-space: nowrap }
.holds { color: var(--good) } .fails { color: var(--bad); font-weight: 600 } .unknown { color: var(--open) }
article { border: 1px solid var(--line); border-radius: .5rem; padding: .8rem 1rem; margin: 1rem 0 }
article h3 { margin: 0 0 .3rem; font-size: 1rem }
code, pre { font: .875rem/1.45 ui-monospace, monospace; background: var(--paper); padding: .1rem .3rem; overflow-wrap: anywhere }
pre { margin: 0; padding: .5rem .6rem; white-space: pre-wrap }
dl { display: grid; grid-template-columns: 5rem 1fr; gap: .25rem .75rem; margin: .5rem 0 0 }
dt, .soft { color: var(--soft) } dd { margin: 0; min-width: 0 }
@media (max-width: 36rem) {
  body { margin-top: 1rem }
  h1 { font-size: 1.5rem; overflow-wrap: anywhere }
  h2 { font-size: 1.25rem }
  dl { grid-template-columns: 1fr } dt { margin-top: .4rem }
  thead { position: absolute; clip-path: inset(50%) }
  tr { display: grid; grid-template-columns: 1fr auto; padding: .4rem 0; border-bottom: 1px solid var(--line) }
  td { padding: 0; border: 0; overflow-wrap: anywhere } td:first-child { font-weight: 600 } td:nth-child(3) { grid-column: 1 / -1; color: var(--soft) }
}
</style>
<h1>Fumehood audit of {{ name }}</h1>
<p class="soft">{{ result.target or "source only" }}; {{ result.engines | join(", ") }}; {{ result.rules | length }} rules</p>
<p><strong>{{ result.conclusion }}</strong>{% if result.findings %}:{% for severity, number in counts.items() if number %} {{ number }} {{ severity.label }}{{ "," if not loop.last }}{% endfor %}{% endif %}.</p>
<table>
<thead><tr><th scope="col">Practice</th><th scope="col">Verdict</th><th scope="col">Detail</th></tr></thead>
<tbody>
{%- for verdict in result.verdicts %}
<tr><td>{{ verdict.practice.number }} {{ verdict.practice.name }}</td><td class="{{ verdict.kind.name | lower }}">{{ verdict.kind.value }}</td>
<td>{{ (verdict.findings ~ (" finding" if verdict.findings == 1 else " findings")) if verdict.findings else (verdict.why | join("; ") or verdict.practice.title) }}</td></tr>
{%- endfor %}
</tbody>
</table>
{%- for verdict in result.verdicts if by_practice.get(verdict.practice.name) %}
<h2>{{ verdict.practice.number }} {{ verdict.practice.title }}</h2>
{%- for finding in by_practice[verdict.practice.name] %}
<article>
<h3>{{ finding.message }}</h3>
<p class="soft">{{ finding.severity.label }}, {{ finding.certainty.label }}, {{ finding.rule }} {{ result.rule(finding.rule).name }}, CWE-{{ result.rule(finding.rule).cwe }}</p>
<dl>
{%- if finding.location %}<dt>where</dt><dd><code>{{ finding.location }}</code>{% if finding.location.code %}<br><code>{{ finding.location.code }}</code>{% endif %}</dd>{% endif %}
{%- if finding.route %}<dt>route</dt><dd><code>{{ finding.route }}</code>{% if finding.parameter %}, parameter <code>{{ finding.parameter }}</code>{% endif %}</dd>{% endif %}
{%- for item in finding.evidence %}<dt>{{ labels.get(item.kind, "seen") }}</dt><dd>{% if item.kind == "test" %}<pre>{{ item.text }}</pre>{% else %}<code>{{ item.text }}</code>{% endif %}</dd>{% endfor %}
{%- for step in finding.trace %}<dt>path {{ loop.index }}</dt><dd><code>{{ step.location }}</code> {{ step.message }}<br><code>{{ step.location.code }}</code></dd>{% endfor %}
{%- if finding.fix %}<dt>mend</dt><dd>{{ finding.fix }}</dd>{% endif %}
</dl>
</article>
{%- endfor %}
{%- endfor %}
{%- if result.scorecard %}
<h2>MDN Observatory: {{ result.scorecard }}</h2>
<table>
<thead><tr><th scope="col">Test</th><th scope="col">Result</th><th scope="col">Points</th></tr></thead>
<tbody>{% for test in result.scorecard.tests %}<tr><td>{{ test.name }}</td><td>{{ test.result }}</td><td>{{ "%+d" | format(test.points) }}</td></tr>{% endfor %}</tbody>
</table>
{%- endif %}
{%- if result.not_covered %}
<h2>Not looked at</h2>
<ul>{% for item in result.not_covered %}<li><code>{{ item.where }}</code>: {{ item.why }}</li>{% endfor %}</ul>
{%- endif %}
{%- if result.notes %}
<h2>Suppressions to mend</h2>
<ul>{% for note in result.notes %}<li>{{ note }}</li>{% endfor %}</ul>
{%- endif %}
</html>
"""


_LABELS = {"request": "try", "test": "test"}


def render(result: AuditResult) -> str:
    """Return the report as one HTML page."""
    environment = Environment(autoescape=select_autoescape(default=True, default_for_string=True))
    by_practice: dict[str, list[object]] = {}
    for finding in result.findings:
        by_practice.setdefault(practice_of(finding.rule).name, []).append(finding)
    page = environment.from_string(_PAGE)
    counts = severity_counts(result.findings)
    return (
        page.render(
            result=result, name=result.subject, by_practice=by_practice, labels=_LABELS, counts=counts
        )
        + "\n"
    )
