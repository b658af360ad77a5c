from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from fumehood.engines.code import Call, CodeCheck, Program
from fumehood.engines.code.raw import raw_values
from fumehood.findings import Certainty, Finding, Rule, Severity

_PAGES = (".html", ".htm", ".jinja", ".jinja2", ".j2", ".xhtml")
_PLAIN = frozenset(
    {"str", "repr", "dumps", "get", "strip", "replace", "join", "format", "lower", "upper", "title", "decode"}
)


_CLEANING = re.compile(r"escape|clean|sanit|bleach|nh3", re.IGNORECASE)


class TrustedMarkup(Rule, CodeCheck):
    """Data is declared to be safe markup, and nothing shows that it is.

    ## What it finds

    `{{ item.title|safe }}` in a template, and `Markup(f"<b>{item.title}</b>")` in code: an attribute of some object becomes part of a page as
    it is, without a function in between that could clean it. Where the object comes from is not known: it is a suspicion.

    ## Why it is bad

    What anybody can write into the object, a form, an import, another site that is read, runs as a script for whoever looks at the page.

    ## Example

    ```python
    from markupsafe import Markup

    def shown(item):
        return Markup(f"<b>{item.title}</b>")
    ```

    ## Use instead

    ```python
    from markupsafe import Markup

    def shown(item):
        return Markup("<b>{}</b>").format(item.title)
    ```

    ## References

    - [CWE-79: Cross-site Scripting](https://cwe.mitre.org/data/definitions/79.html)
    - [MarkupSafe: formatting](https://markupsafe.palletsprojects.com/en/stable/formatting/)
    """

    id = "FH479"
    name = "trusted-markup"
    severity = Severity.LOW
    cwe = 79
    asvs = ("v5.0.0-1.2.1",)
    calls = ("markupsafe.Markup",)
    fix = "Leave |safe away, or let Markup.format escape the values: Markup('<b>{}</b>').format(title)."

    def call(self, call: Call) -> Iterator[Finding]:
        if call[0].tainted_by("request", "stored") or call[0].is_known or not isinstance(call.node, ast.Call):
            return  # what comes from a request is another finding
        name = _data(call.node.args[0]) or _assigned(call) if call.node.args else ""
        if name:
            yield self.flaw(
                call,
                f"{name} becomes markup without being escaped",
                certainty=Certainty.SUSPECTED,
            )

    def program(self, program: Program) -> Iterator[Finding]:
        for path, text in program.templates.items():
            if not path.endswith(_PAGES):
                continue
            for place, name in raw_values(path, text):
                yield self.finding(
                    f"{name} is put into the page as it is",
                    certainty=Certainty.SUSPECTED,
                    location=place,
                    fix=self.fix,
                )


def _data(node: ast.expr, inside: bool = False) -> str:
    """Return the name of an object's attribute that is a part of a text; "" when there is none, or a function may have cleaned it."""
    if isinstance(node, ast.Attribute | ast.Subscript):
        return ast.unparse(node) if inside and len(ast.unparse(node)) < 60 else ""
    if isinstance(node, ast.JoinedStr):
        return _first(*(part.value for part in node.values if isinstance(part, ast.FormattedValue)))
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Mod):
        return _first(node.left, node.right)
    if isinstance(node, ast.Tuple):
        return _first(*node.elts)
    if isinstance(node, ast.Call):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name == "get" and isinstance(node.func, ast.Attribute) and len(node.args) in (1, 2):
            return ast.unparse(node) if inside else ""
        made = node.func.value if isinstance(node.func, ast.Attribute) else None
        if isinstance(made, ast.Call) and ast.unparse(made.func).endswith("Markup"):
            return ""  # Markup.format escapes
        if name in _PLAIN:
            return _first(*node.args, *(item.value for item in node.keywords))
    return ""


def _assigned(call: Call) -> str:
    """The same of a variable, by what the function puts into it."""
    func = call.core.frame.func
    argument = call.node.args[0] if isinstance(call.node, ast.Call) else None
    if func is None or not isinstance(argument, ast.Name) or isinstance(func.node, ast.Lambda):
        return ""
    found = ""
    for statement in ast.walk(func.node):
        if isinstance(statement, ast.Assign | ast.AugAssign):
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            if any(isinstance(target, ast.Name) and target.id == argument.id for target in targets):
                found = found or _data(statement.value)
        elif isinstance(statement, ast.Call) and _CLEANING.search(ast.unparse(statement.func)):
            return ""
    return found


def _first(*parts: ast.expr) -> str:
    return next((found for part in parts if (found := _data(part, inside=True))), "")
