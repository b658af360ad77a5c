"""Rewrites a copy of the OWASP Benchmark so that nothing of its own wording is left: names, helper modules, string constants.

What belongs to Python or to a library stays: attributes and keywords that are not defined in the checkout, imported names, URL rules' shape,
strings that a library gives a meaning to (SQL, XPath and LDAP syntax, HTTP methods, file modes, encodings, hash names, "Windows").
"""

from __future__ import annotations

import ast
import builtins
import hashlib
import keyword
import re
import shutil
from pathlib import Path
from typing import Any

from fumehood.engines.code.project import parse

_MEANT = re.compile(
    r"(?i)^(utf-?8|latin-?1|[rwab]b?\+?|md[245]|sha\d+|get|post|windows|nt|posix|sh|-c|/c|cmd(\.exe)?|default|referer|https?|[^\w]*|__\w+__)$"
)
_SYNTAX = re.compile(r"[\s'\"<>/\\;=@$\[\](){}&|*?%:.,!+#-]+")
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9]{3,}")
_LANGUAGE = frozenset(
    [
        "select",
        "from",
        "where",
        "insert",
        "into",
        "update",
        "delete",
        "values",
        "set",
        "and",
        "or",
        "not",
        "null",
        "like",
        "order",
        "by",
        "limit",
        "drop",
        "create",
        "table",
        "objectclass",
        "person",
        "employee",
        "employees",
        "emplid",
        "string",
        "text",
        "html",
        "body",
        "head",
        "meta",
        "content",
        "type",
        "http",
        "equiv",
        "charset",
        "public",
        "doctype",
        "transitional",
        "loose",
        "domain",
        "localhost",
        "path",
    ]
)


def _new(word: str) -> str:
    return "n" + hashlib.sha256(word.encode()).hexdigest()[: max(6, min(10, len(word)))]


class _Defined(ast.NodeVisitor):
    """Collects what the checkout itself defines."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.attributes: set[str] = set()
        self.imported: set[str] = set()

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        (self.attributes if node.args.args and node.args.args[0].arg == "self" else self.names).add(node.name)
        self.names.update(a.arg for a in (*node.args.args, *node.args.kwonlyargs))
        self.generic_visit(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self.names.add(node.name)
        self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Store):
            self.names.add(node.id)

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        if node.name:
            self.names.add(node.name)
        self.generic_visit(node)

    def visit_Import(self, node: ast.Import) -> None:
        self.imported.update((alias.asname or alias.name).partition(".")[0] for alias in node.names)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        if not (node.module or "").startswith("helpers"):
            self.imported.update(alias.asname or alias.name for alias in node.names)


class _Renamer(ast.NodeTransformer):
    def __init__(self, names: set[str], attributes: set[str], modules: set[str], packages: set[str]) -> None:
        self.own = names | attributes
        self.packages = {_new(package) for package in packages}
        self.names, self.attributes, self.modules = names, attributes, modules

    def _word(self, word: str) -> str:
        return _new(word) if word in self.own or word in self.modules else word

    def visit_Name(self, node: ast.Name) -> Any:
        node.id = self._word(node.id)
        return node

    def visit_Attribute(self, node: ast.Attribute) -> Any:
        self.generic_visit(node)
        root = node.value
        while isinstance(root, ast.Attribute):
            root = root.value
        inside = isinstance(root, ast.Name) and root.id in self.packages
        if inside or node.attr in self.attributes:
            node.attr = _new(node.attr)
        return node

    def visit_arg(self, node: ast.arg) -> Any:
        self.generic_visit(node)
        node.arg = node.arg if node.arg == "self" else self._word(node.arg)
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> Any:
        self.generic_visit(node)
        node.name = self._word(node.name) if not node.name.startswith("__") else node.name
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> Any:
        self.generic_visit(node)
        node.name = self._word(node.name)
        return node

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> Any:
        self.generic_visit(node)
        node.name = self._word(node.name) if node.name else None
        return node

    def visit_Import(self, node: ast.Import) -> Any:
        for alias in node.names:
            if alias.name.partition(".")[0] in self.modules:
                alias.name = ".".join(_new(part) for part in alias.name.split("."))
        return node

    def visit_ImportFrom(self, node: ast.ImportFrom) -> Any:
        if node.module and node.module.partition(".")[0] in self.modules:
            node.module = ".".join(_new(part) for part in node.module.split("."))
            for alias in node.names:
                alias.name = _new(alias.name)
        return node

    def visit_Constant(self, node: ast.Constant) -> Any:
        if isinstance(node.value, str):
            node.value = _reworded(node.value)
        return node

    def visit_JoinedStr(self, node: ast.JoinedStr) -> Any:
        self.generic_visit(node)
        return node


def _reworded(text: str) -> str:
    """Return a string with its words renamed, of the same length each; what has a meaning stays."""
    if _MEANT.match(text):
        return text

    def same_length(match: re.Match[str]) -> str:
        word = match.group(0)
        if word.lower() in _LANGUAGE:
            return word
        renamed = hashlib.sha256(word.encode()).hexdigest()
        letters = "".join(chr(ord("g") + int(char, 16) % 16) for char in renamed * (len(word) // 64 + 1))
        return letters[: len(word)]

    return _WORD.sub(same_length, text)


def renamed(checkout: Path, target: Path) -> dict[str, str]:
    """Write the renamed copy; return each test's new name."""
    files = sorted(path for path in checkout.rglob("*.py") if ".git" not in path.parts)
    trees = {path: parse(path.read_bytes())[0] for path in files}
    defined = _Defined()
    for tree in trees.values():
        defined.visit(tree)
    known = set(dir(builtins)) | set(keyword.kwlist) | defined.imported
    modules = {part for path in files for part in path.relative_to(checkout).with_suffix("").parts}
    used = {
        node.arg
        for tree in trees.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.keyword) and node.arg
    }
    names = defined.names - known - modules - used - {"self"}
    packages = {path.relative_to(checkout).parts[0] for path in files if path.parent != checkout}
    attributes = {name for name in defined.attributes if not name.startswith("__")}
    renamer = _Renamer(names, attributes, modules, packages)
    tests: dict[str, str] = {}
    for path, tree in trees.items():
        parts = [_new(part) for part in path.relative_to(checkout).with_suffix("").parts]
        written = target.joinpath(*parts).with_suffix(".py")
        written.parent.mkdir(parents=True, exist_ok=True)
        written.write_text(ast.unparse(ast.fix_missing_locations(renamer.visit(tree))), "utf-8")
        tests[path.stem] = parts[-1]
    shutil.copytree(checkout / "templates", target / "templates", dirs_exist_ok=True)
    return tests
