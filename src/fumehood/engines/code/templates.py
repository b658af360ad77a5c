"""Jinja templates: what a view hands over, followed to each place of the page where it is shown."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Any, Final

from jinja2 import nodes

from fumehood.engines.code.core import cleaned
from fumehood.engines.code.heap import DictObject, State
from fumehood.engines.code.markup import Page
from fumehood.engines.code.models import Sink
from fumehood.engines.code.operations import concatenate, text_parts
from fumehood.engines.code.taint import CLEAN, without
from fumehood.engines.code.template_files import Template, Templates
from fumehood.engines.code.values import (
    UNKNOWN,
    Const,
    External,
    Ref,
    Tuple,
    Union,
    Unknown,
    Value,
    join,
    union,
    unknown,
)

if TYPE_CHECKING:
    from fumehood.engines.code.interpreter import Interpreter

__all__ = ["Renderer"]

_MAX_DEPTH: Final = 8
_TRANSLATES: Final = ("globals._", "gettext")  # puts what it is given into its text, for certain
_HARMLESS: Final = frozenset(
    [
        "escape",
        "e",
        "forceescape",
        "urlencode",
        "tojson",
        "int",
        "float",
        "length",
        "count",
        "round",
        "abs",
        "filesizeformat",
        "striptags",
        "xmlattr",
        "wordcount",
    ]
)
_MARKUP_SINK: Final = re.compile(
    r"\.(inner|outer)HTML\s*\+?=.*\{\{|(document\.writeln?|insertAdjacentHTML|\.html)\s*\(.*\{\{"
)
_SCRIPT_NAME: Final = re.compile(r"([\w$]+)\s*=\s*['\"`]?\s*\{\{")
_GLOBALS: Final = {
    "request": "flask.request", "session": "flask.session", "g": "flask.g", "config": "flask.Flask.config",
    "current_user": "flask_login.current_user",
}  # fmt: skip


class Renderer:
    """Interprets one template with what a view hands over."""

    def __init__(self, core: Interpreter, templates: Templates, state: State, at: ast.AST | None) -> None:
        self.core = core
        self.templates = templates
        self.state = state
        self.at = at  # where a template that is a string constant is rendered
        self.depth = 0
        self.spent = 0

    def render(self, template: Template, context: dict[str, Value], page: Page | None = None) -> None:
        core = self.core
        scope = core.frame.scope if self.at is not None else ""
        frame = core.enter(template.tree, template, scope, core.frame.func, core.frame.outer)
        frame.state = self.state
        try:
            self.template, self.escaping = template, template.escaped
            parent = next(iter(template.tree.find_all(nodes.Extends)), None)
            blocks: dict[str, tuple[Template, nodes.Block]] = {
                n: (template, b) for n, b in template.blocks.items()
            }
            if parent is not None:
                self._inherited(parent, blocks, context)
                return
            page = page or (Page.of_script() if template.path.endswith(".js") else Page())
            self._body(template.tree.body, context, page, blocks)
        finally:
            core.leave()

    def _inherited(
        self,
        extends: nodes.Extends,
        blocks: dict[str, tuple[Template, nodes.Block]],
        context: dict[str, Value],
    ) -> None:
        template = self.template
        for node in template.tree.body:
            if isinstance(node, nodes.Assign | nodes.Import | nodes.FromImport):
                self._node(node, context, Page(), blocks)
        for _ in range(_MAX_DEPTH):
            name = extends.template.value if isinstance(extends.template, nodes.Const) else ""
            parent = self._load(str(name), template.path)
            if parent is None:
                for owner, block in blocks.values():
                    self._in(owner, block.body, context, Page(), blocks)
                return
            for title, block in parent.blocks.items():
                blocks.setdefault(title, (parent, block))
            template = parent
            above = next(iter(parent.tree.find_all(nodes.Extends)), None)
            if above is None:
                break
            extends = above
        self._in(template, template.tree.body, context, Page(), blocks)

    def _load(self, name: str, importer: str) -> Template | None:
        path = self.templates.resolve(name, importer)
        if path is None:
            return None
        self.core.depends(path)
        return self.templates.load(path)

    def _in(self, template: Template, body: Any, context: dict[str, Value], page: Page, blocks: Any) -> None:
        core = self.core
        mine, escaping = self.template, self.escaping
        core.enter(template.tree, template, "", core.frame.func, core.frame.outer).state = self.state
        self.template, self.escaping = template, template.escaped
        self.depth += 1
        try:
            if self.depth <= _MAX_DEPTH * 2:
                self._body(body, context, page, blocks)
        finally:
            self.depth -= 1
            self.template, self.escaping = mine, escaping
            core.leave()

    def _body(self, body: Any, context: dict[str, Value], page: Page, blocks: Any) -> None:
        for node in body:
            self._node(node, context, page, blocks)

    def _node(self, node: nodes.Node, context: dict[str, Value], page: Page, blocks: Any) -> None:
        self.spent += 1
        if self.spent > 20_000:
            return
        if isinstance(node, nodes.Output):
            for part in node.nodes:
                if isinstance(part, nodes.TemplateData):
                    page.feed(part.data)
                else:
                    self._shown(part, context, page)
        elif isinstance(node, nodes.If):
            inside = page.copy()
            self._body(node.body, dict(context), inside, blocks)
            for branch in node.elif_:
                self._node(branch, dict(context), page.copy(), blocks)
            self._body(node.else_, context, page, blocks)
            page.__dict__.update(inside.__dict__)
        elif isinstance(node, nodes.For):
            self._loop(node, context, page, blocks)
        elif isinstance(node, nodes.Block):
            owner, block = blocks.get(node.name, (self.template, node))
            if owner is self.template:
                self._body(block.body, context, page, blocks)
            else:
                self._in(owner, block.body, context, page, blocks)
        elif isinstance(node, nodes.Assign):
            self._bind(node.target, self.value(node.node, context), context)
        elif isinstance(node, nodes.With):
            inner = dict(context)
            for target, value in zip(node.targets, node.values, strict=True):
                self._bind(target, self.value(value, context), inner)
            self._body(node.body, inner, page, blocks)
        elif isinstance(node, nodes.Include):
            self._include(node, context, page, blocks)
        elif isinstance(node, nodes.ScopedEvalContextModifier):
            escaping = self.escaping
            for keyword in node.options:
                if keyword.key == "autoescape" and isinstance(keyword.value, nodes.Const):
                    self.escaping = bool(keyword.value.value)
            self._body(node.body, context, page, blocks)
            self.escaping = escaping
        elif isinstance(node, nodes.FromImport | nodes.Import):
            self._import(node, context)
        elif isinstance(node, nodes.CallBlock | nodes.FilterBlock | nodes.Scope):
            self._body(node.body, context, page, blocks)
        elif isinstance(node, nodes.ExprStmt):
            self.value(node.node, context)

    def _loop(self, node: nodes.For, context: dict[str, Value], page: Page, blocks: Any) -> None:
        known, element = self.core.elements(self.value(node.iter, context), self.state, _at(node))
        inner = dict(context)
        self._bind(node.target, union(known) if known else element or UNKNOWN, inner)
        self._body(node.body, inner, page, blocks)
        self._body(node.else_, context, page, blocks)

    def _include(self, node: nodes.Include, context: dict[str, Value], page: Page, blocks: Any) -> None:
        name = node.template.value if isinstance(node.template, nodes.Const) else None
        if isinstance(name, str) and self.depth < _MAX_DEPTH:
            found = self._load(name, self.template.path)
            if found is not None:
                self._in(found, found.tree.body, dict(context), page, blocks)

    def _import(self, node: nodes.FromImport | nodes.Import, context: dict[str, Value]) -> None:
        name = node.template.value if isinstance(node.template, nodes.Const) else None
        found = self._load(name, self.template.path) if isinstance(name, str) else None
        if found is None:
            return
        if isinstance(node, nodes.Import):
            context[node.target] = Macro(found, "")
            return
        for item in node.names:
            original, alias = item if isinstance(item, tuple) else (item, item)
            if original in found.macros:
                context[alias] = Macro(found, original)

    def _bind(self, target: nodes.Node, value: Value, context: dict[str, Value]) -> None:
        if isinstance(target, nodes.Name):
            context[target.name] = value
        elif isinstance(target, nodes.Tuple):
            known, element = self.core.elements(value, self.state, _at(target))
            for position, item in enumerate(target.items):
                exact = known is not None and len(known) == len(target.items)
                each = element or (union(known) if known else UNKNOWN)
                self._bind(item, known[position] if known is not None and exact else each, context)

    # Showing.
    def _shown(self, node: nodes.Expr, context: dict[str, Value], page: Page) -> None:
        raw = not self.escaping
        inner = node
        json = False
        given: nodes.Expr | None = None  # what tojson writes
        while isinstance(inner, nodes.Filter):
            if inner.name == "safe":
                raw = True
            elif inner.name in ("e", "escape", "forceescape"):
                raw = False
            elif inner.name == "tojson":
                json, given = True, inner.node
            if inner.node is None:
                break
            inner = inner.node
        value = self.value(node, context)
        if isinstance(value, External) and value.path == "markupsafe.Markup":
            raw = True
        where = page.here()
        page.expression()
        if given is not None and where.where == "script" and self._ends_as_markup(node):
            sink = Sink("html", ("jinja2.script",), note=where.where)
            told = "a script that makes markup of it"
            self.core.reach(sink, told, self.value(given, context), self.state, self.at or _at(node))
        taint = self.core.taint_of(value, self.state)
        if not taint:
            return
        kind = ""
        if json:
            return
        if where.where in ("script", "event", "style"):
            kind = "script" if where.where != "style" else ""
        elif where.where == "string":
            kind = "html" if raw else ""
        elif where.where == "unquoted":
            kind = "attribute"
        elif where.where == "link":
            kind = "html" if raw else "link"
        elif raw and where.where != "comment":
            kind = "html"
        if kind:
            shown = {
                "html": "jinja2.unescaped",
                "script": "jinja2.script",
                "attribute": "jinja2.attribute",
                "link": "jinja2.link",
            }[kind]
            sink = Sink(kind, (shown,), language="url" if kind == "link" else "", note=where.where)
            self.core.reach(sink, shown, value, self.state, self.at or _at(node))

    def _ends_as_markup(self, node: nodes.Expr) -> bool:
        """Whether the script that a value is written into hands it to ``innerHTML`` or the like; no escaping of Jinja's helps there."""
        template = self.template
        line = template.lines[node.lineno - 1] if 0 < node.lineno <= len(template.lines) else ""
        if _MARKUP_SINK.search(line):
            return True
        match = _SCRIPT_NAME.search(line)
        return match is not None and match.group(1) in template.markup_names()

    # Expressions.
    def value(self, node: nodes.Node | None, context: dict[str, Value]) -> Value:
        if node is None:
            return UNKNOWN
        core, state = self.core, self.state
        if isinstance(node, nodes.Name):
            return self._name(node, context)
        if isinstance(node, nodes.Const):
            return (
                Const(node.value)
                if isinstance(node.value, str | int | float | bool | type(None))
                else UNKNOWN
            )
        if isinstance(node, nodes.Getattr):
            found = core.attribute(self.value(node.node, context), node.attr, state, _at(node))
            if (
                found is UNKNOWN
                or (isinstance(found, Union | Unknown) and not found.taint)
                or (not isinstance(found, External) and isinstance(self.value(node.node, context), Ref))
            ):
                holder = self.value(node.node, context)
                content = core.held(holder, state) if isinstance(holder, Ref) else None
                if isinstance(content, DictObject):
                    return core.item(holder, Const(node.attr), state, _at(node))
            return found
        if isinstance(node, nodes.Getitem):
            return core.item(self.value(node.node, context), self.value(node.arg, context), state, _at(node))
        if isinstance(node, nodes.Filter):
            return self._filtered(node, context)
        if isinstance(node, nodes.Call):
            return self._called(node, context)
        if isinstance(node, nodes.Concat):
            parts: list[str | Value] = []
            for item in node.nodes:
                parts += text_parts(core.as_text(self.value(item, context), state))
            return concatenate(parts)
        if isinstance(node, nodes.CondExpr):
            return join(self.value(node.expr1, context), self.value(node.expr2, context))
        if isinstance(node, nodes.BinExpr):
            left, right = self.value(node.left, context), self.value(node.right, context)
            if isinstance(node, nodes.And | nodes.Or):
                return join(left, right)
            if isinstance(node, nodes.Add):
                return core.binary(ast.Add(), left, right, state, _at(node))
            if isinstance(node, nodes.Mod):
                return core.binary(ast.Mod(), left, right, state, _at(node))
            return unknown(core.taint_all((left, right), state))
        if isinstance(node, nodes.List | nodes.Tuple):
            return Tuple(tuple(self.value(item, context) for item in node.items))
        if isinstance(node, nodes.TemplateData):
            return Const(node.data)
        return UNKNOWN

    def _name(self, node: nodes.Name, context: dict[str, Value]) -> Value:
        found = context.get(node.name)
        if found is not None:
            return self.core.checked(found, self.state)
        if node.name in self.template.macros:
            return Macro(self.template, node.name)
        path = _GLOBALS.get(node.name)
        if path:
            return External(path)
        if node.name == "get_flashed_messages":
            return External("flask.get_flashed_messages")
        return External(f"jinja2.globals.{node.name}")

    def _filtered(self, node: nodes.Filter, context: dict[str, Value]) -> Value:
        value = self.value(node.node, context)
        arguments = [self.value(item, context) for item in node.args]
        if node.name in _HARMLESS:
            return cleaned(value, ("html", "script", "attribute", "link"))
        if node.name == "safe" or node.name in ("trim", "string"):
            return value
        if node.name in ("default", "d") and arguments:
            return join(value, arguments[0])
        if node.name in ("first", "last", "random", "max", "min"):
            known, element = self.core.elements(value, self.state, _at(node))
            return union(known) if known else element or UNKNOWN
        found = self.core.template_filter(node.name)
        if found is not None:
            result: Value = self.core.call(found, [value, *arguments], {}, self.state, self.at or _at(node))
            return result
        return unknown(self.core.taint_all((value, *arguments), self.state))

    def _called(self, node: nodes.Call, context: dict[str, Value]) -> Value:
        func = self.value(node.node, context)
        args = [self.value(item, context) for item in node.args]
        keywords = {item.key: self.value(item.value, context) for item in node.kwargs}
        if isinstance(func, External) and func.path == "jinja2.globals.url_for":
            return UNKNOWN
        if isinstance(func, Macro):
            self._expanded(func, args, keywords, context)
            return UNKNOWN
        if isinstance(func, External) and func.path.startswith("jinja2.globals."):
            handed = self.core.taint_all((*args, *keywords.values()), self.state)
            return unknown(handed if func.path.endswith(_TRANSLATES) else without(handed, ("via:unknown",)))
        answer: Value = self.core.call(func, args, keywords, self.state, self.at or _at(node))
        return answer

    def _expanded(
        self, macro: Macro, args: list[Value], keywords: dict[str, Value], context: dict[str, Value]
    ) -> None:
        node = macro.template.macros.get(macro.name)
        if node is None or self.depth > _MAX_DEPTH:
            return
        inner: dict[str, Value] = {}
        for position, parameter in enumerate(node.args):
            if position < len(args):
                inner[parameter.name] = args[position]
            else:
                inner[parameter.name] = keywords.get(parameter.name, UNKNOWN)
        self._in(macro.template, node.body, inner, Page(), {})


class Macro(Value):
    """A template's macro, or with an empty name all macros of an imported template."""

    __slots__ = ("name", "template")

    def __init__(self, template: Template, name: str) -> None:
        self.taint = CLEAN
        self.template = template
        self.name = name
        self._key = (id(template), name)


def _at(node: nodes.Node) -> ast.AST:
    place = ast.Pass()
    place.lineno, place.col_offset = node.lineno, 0
    return place
