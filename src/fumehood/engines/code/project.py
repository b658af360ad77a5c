"""Reading a project from its folder: which files, which modules they are, and what an import in one of them means."""

from __future__ import annotations

import ast
import contextlib
import hashlib
import io
import os
import re
import sys
import tokenize
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path
from typing import Final

from fumehood.findings import NotCovered
from fumehood.findings.reading import NOT_ITS_OWN, TESTS, contents

__all__ = ["Module", "Project", "Unreadable", "parse"]

MAX_BYTES: Final = 2_000_000
_PUBLISHED: Final = {
    "pyproject.toml": re.compile(
        r"""^\[(?:project|tool\.poetry)\][^\[]*?^name\s*=\s*["']([\w.-]+)["']""", re.MULTILINE
    ),
    "setup.cfg": re.compile(r"""^\[metadata\][^\[]*?^name\s*=\s*([\w.-]+)""", re.MULTILINE),
    "setup.py": re.compile(r"""\bname\s*=\s*["']([\w.-]+)["']"""),
}
_VENDORED: Final = frozenset(["vendor", "vendored", "_vendor", "third_party", "thirdparty", "extern"])
_TEST_FILE: Final = re.compile(r"(test_.*|.*_test|conftest|tests)\.py\Z")
_TEMPLATES: Final = (".html", ".htm", ".jinja", ".jinja2", ".j2", ".xml", ".svg", ".txt")
_READ: Final = (".py", ".js", *_TEMPLATES)
_MOST_SETTINGS: Final = 2_000
_LIBRARY: Final = re.compile(
    r"(^|/)(libs?|plugins?|dist|build|bower|packages)/|[.-]min\.|[.-]bundle\.|jquery|bootstrap|(^|/)(vue|react|angular|d3|chart|moment|lodash|popper|select2|htmx|ace|"
    r"codemirror|highlight|leaflet|socket\.io|tinymce|ckeditor|datatables)[\w.-]*\.js$",
    re.IGNORECASE,
)
_METHODS: Final = re.compile(
    rb"^(?:class[ \t]+(\w+)|(?:async[ \t]+)?def[ \t]|(?: {1,4}|\t)(?:async[ \t]+)?def[ \t]+(\w+)[ \t]*\()",
    re.M | re.A,
)
_SETTINGS: Final = re.compile(
    r"\.env(\..+)?|.*\.env|.+\.(ya?ml|ini|cfg|conf|toml|properties|sql)|(Docker|Container)file.*|\.flaskenv",
    re.IGNORECASE,
)


class Unreadable(Exception):
    """A file that could not be read as Python; the text says why."""


@dataclass(eq=False, slots=True)
class Module:
    """One Python file. ``path`` is relative to the root, with ``/``; ``name`` is its dotted name from there."""

    name: str
    path: str
    package: bool
    tree: ast.Module
    lines: list[str]
    digest: str
    definitions: dict[str, ast.stmt] = field(default_factory=dict)

    def line(self, number: int) -> str:
        return self.lines[number - 1].strip() if 0 < number <= len(self.lines) else ""


class Project:
    """The files of a folder, and the modules among them, parsed when they are asked for."""

    def __init__(
        self,
        root: Path,
        *,
        include_tests: bool = False,
        exclude: tuple[str, ...] = (),
        only: str | None = None,
    ) -> None:
        self.root = root
        self.not_covered: list[NotCovered] = []
        self.python: list[str] = []
        self.templates: list[str] = []
        self.scripts: list[str] = []  # JavaScript that is no library's
        self.settings: list[
            str
        ] = []  # what configures it or what it runs on: .env, YAML, INI, TOML, SQL, Dockerfiles
        self._include_tests = include_tests
        self._exclude = exclude
        self._only = only
        self._modules: dict[str, Module | None] = {}
        self._bytes: dict[str, bytes] = {}
        self._digests: dict[str, str] = {}
        self._registered: dict[str, dict[str, list[tuple[str, str]]]] = {}
        self._paths: frozenset[str] = frozenset()
        self._folders: frozenset[str] = frozenset()
        self._roots: dict[str, list[str]] | None = None  # name of a package -> the folders that hold one
        self._members: dict[str, tuple[tuple[str, str], ...]] | None = None
        self.libraries: frozenset[str] = frozenset()  # names of packages that are known to be others'
        self.published = published_names(root)
        self._find()

    def _find(self) -> None:
        folders = set()
        for path in sorted(self._walk()):
            if path.endswith(".py"):
                self.python.append(path)
                folder = path.rpartition("/")[0]
                while folder and folder not in folders:
                    folders.add(folder)
                    folder = folder.rpartition("/")[0]
            elif path.endswith(_TEMPLATES):
                self.templates.append(path)
            elif path.endswith(".js") and not _LIBRARY.search(path):
                self.scripts.append(path)
            if self._configures(path):
                self.settings.append(path)
        self._paths = frozenset(self.python)
        self._folders = frozenset(folders)
        self.template_set = frozenset(self.templates)

    def _walk(self) -> Iterator[str]:
        if self._only is not None:
            yield self._only
            return
        folders = [(str(self.root), "")]
        while folders:
            folder, prefix = folders.pop()
            try:
                with os.scandir(folder) as found:
                    entries = list(found)
            except OSError:
                continue
            for entry in entries:
                name = entry.name
                path = prefix + name
                if entry.is_symlink():
                    continue
                if entry.is_dir():
                    if not self._skipped(folder, prefix, name):
                        folders.append((entry.path, path + "/"))
                elif self._wanted(name) and not self._excluded(path):
                    yield path

    def _wanted(self, name: str) -> bool:
        if name.endswith(".py"):
            return self._include_tests or _TEST_FILE.match(name) is None
        return name.endswith(_READ) or _SETTINGS.fullmatch(name) is not None

    def _configures(self, path: str) -> bool:
        if self._only is not None or len(self.settings) >= _MOST_SETTINGS:
            return False
        file = self.root / path
        return (
            _SETTINGS.fullmatch(path.rpartition("/")[2]) is not None
            and file.is_file()
            and file.stat().st_size <= MAX_BYTES
        )

    def _skipped(self, folder: str, prefix: str, name: str) -> bool:
        if name in NOT_ITS_OWN or name in _VENDORED or (name.startswith(".") and name != "."):
            return True
        if name in TESTS and not self._include_tests:
            return True
        if self._excluded(prefix + name):
            return True
        below = Path(folder, name)
        return (below / "pyvenv.cfg").exists() or (below / "activate_this.py").exists()

    def _excluded(self, path: str) -> bool:
        return any(fnmatch(path, item) or fnmatch(path, item.rstrip("/") + "/*") for item in self._exclude)

    def read(self, path: str) -> bytes:
        """Return a file's bytes, at most one more than a file may have."""
        found = self._bytes.get(path)
        if found is None:
            found = self._bytes[path] = contents(f"{self.root}/{path}", MAX_BYTES + 1)
        return found

    def text_near(self, importer: str, folder: str, name: str) -> str:
        """Return a text file that is named relative to a module, "" when there is none inside the root."""
        base = importer.rpartition("/")[0]
        while True:
            path = os.path.normpath("/".join(part for part in (base, folder, name) if part)).replace(
                os.sep, "/"
            )
            if not path.startswith(("..", "/")) and (self.root / path).is_file():
                return self.read(path).decode("utf-8", "replace")
            if not base:
                return ""
            base = base.rpartition("/")[0]

    def registered(self, pattern: re.Pattern[str]) -> dict[str, list[tuple[str, str]]]:
        """Return what the program registers under names somewhere, as it is written: name -> (file, what)."""
        known = self._registered.get(pattern.pattern)
        if known is None:
            known = self._registered[pattern.pattern] = {}
            for path in self.python:
                with contextlib.suppress(OSError):
                    for name, what in pattern.findall(self.read(path).decode("utf-8", "replace")):
                        known.setdefault(name, []).append((path, what))
        return known

    def digest(self, path: str) -> str:
        """Return what tells a file's contents from others; of a question (``Interpreter.ask``), its answer."""
        known = self._digests.get(path)
        if known is None:
            known = self._digests[path] = self._digest(path)
        return known

    def _digest(self, path: str) -> str:
        match path.split("\0"):
            case "def", name:
                return repr(self.members(name))
            case "registered", name, pattern:
                return repr(self.registered(re.compile(pattern)).get(name, []))
            case "text", importer, folder, name:
                text = self.text_near(importer, folder, name).encode()
                return hashlib.blake2b(text, digest_size=16).hexdigest()
        try:
            return hashlib.blake2b(self.read(path), digest_size=16).hexdigest()
        except OSError:
            return ""

    def text(self, path: str) -> str | None:
        """Return what is written in a file, or None when it cannot be read."""
        try:
            return self.read(path).decode("utf-8", "replace")
        except OSError:
            return None

    def module(self, path: str) -> Module | None:
        """Return the module of a file, or None when it cannot be read; that is reported once in ``not_covered``."""
        if path in self._modules:
            return self._modules[path]
        module: Module | None = None
        try:
            module = self._parse(path)
        except Unreadable as error:
            self.not_covered.append(NotCovered("file", path, str(error), fatal=True))
        self._modules[path] = module
        return module

    def members(self, name: str) -> tuple[tuple[str, str], ...]:
        """Return the files and classes that define a method of this name; found by how it is written, nothing is parsed for it."""
        if self._members is None:
            found: dict[str, list[tuple[str, str]]] = {}
            for path in self.python:
                for cls, method in self._methods_in(path):
                    found.setdefault(method, []).append((path, cls))
            self._members = {method: tuple(dict.fromkeys(places)) for method, places in found.items()}
        return self._members.get(name, ())

    def _methods_in(self, path: str) -> Iterator[tuple[str, str]]:
        try:
            data = self.read(path)
        except OSError:
            return
        cls = ""
        for match in _METHODS.finditer(data if len(data) <= MAX_BYTES else b""):
            if match.group(1):
                cls = match.group(1).decode("ascii")
            elif not match.group(2):
                cls = ""
            elif cls:
                yield cls, match.group(2).decode("ascii")

    def _parse(self, path: str) -> Module:
        try:
            data = self.read(path)
        except OSError as error:
            raise Unreadable(f"it cannot be read: {error.strerror}") from error
        if len(data) > MAX_BYTES:
            raise Unreadable(f"it is larger than {MAX_BYTES // 1_000_000} MB")
        tree, lines = parse(data)
        stem = path[: -len("/__init__.py")] if path.endswith("/__init__.py") else path[: -len(".py")]
        module = Module(
            name=stem.replace("/", "."),
            path=path,
            package=path.endswith("__init__.py"),
            tree=tree,
            lines=lines,
            digest=self.digest(path),
        )
        for statement in tree.body:
            if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                module.definitions[statement.name] = statement
        return module

    def resolve(self, importer: str, dotted: str, level: int = 0) -> str | None:
        """Return the path of the file, or of the folder with a trailing ``/``, that an import means; None: not of this project.

        A relative import counts from the importer's folder. An absolute one is looked for beside the importer, then in
        each folder above it, then in ``src``. Where the project is itself a library that is known, as with an
        extension and its examples, they mean the library by its public names, not its source.
        """
        folder = importer.rpartition("/")[0]
        top = dotted.partition(".")[0]
        from_outside = dotted == top or f"/{top}/" not in f"/{importer}"
        if not level and from_outside and top in self.published and top in self.libraries:
            return None
        if level:
            for _ in range(level - 1):
                folder = folder.rpartition("/")[0]
            return self._at(folder, dotted)
        while True:
            found = self._at(folder, dotted)
            if found is not None and found != importer and not self._shadows(folder, dotted):
                return found
            if not folder:
                return self._at("src", dotted) or self._elsewhere(dotted)
            folder = folder.rpartition("/")[0]

    def _shadows(self, folder: str, dotted: str) -> bool:
        """Whether it only looks as if a module of a package were meant, where the name is a library's: shop/views/flask.py."""
        return f"{folder}/__init__.py" in self._paths and self._is_library(dotted.partition(".")[0])

    def _is_library(self, name: str) -> bool:
        return name in self.libraries or name in sys.stdlib_module_names

    def _elsewhere(self, dotted: str) -> str | None:
        """Return the only file that an import can mean where a repository has several folders to import from: server/lab beside client."""
        top = dotted.partition(".")[0]
        if self._roots is None:
            self._roots = {}
            for folder in sorted({path.rpartition("/")[0] for path in self.python} | self._folders):
                above, _, name = folder.rpartition("/")
                if f"{above}/__init__.py".lstrip("/") not in self._paths:
                    self._roots.setdefault(name, []).append(above)
        if self._is_library(top):
            return None
        found = {self._at(above, dotted) for above in self._roots.get(top, ())} - {None}
        only = found.pop() if len(found) == 1 else None
        return only if only is not None and only.endswith(".py") else None

    def _at(self, folder: str, dotted: str) -> str | None:
        path = "/".join(part for part in (folder, dotted.replace(".", "/")) if part)
        package = f"{path}/__init__.py" if path else "__init__.py"
        if package in self._paths:  # Python takes the package where a module beside it has its name
            return package
        if dotted and path + ".py" in self._paths:
            return path + ".py"
        return path + "/" if path in self._folders else None


def published_names(root: Path) -> frozenset[str]:
    """Return the names by which a project's distribution can be imported, as its packaging files call it."""
    for folder in (root, root.parent) if root.name == "src" else (root,):
        for name, pattern in _PUBLISHED.items():
            try:
                found = pattern.search((folder / name).read_text("utf-8"))
            except (OSError, UnicodeDecodeError):
                continue
            if found:
                return frozenset({re.sub(r"[-_.]+", "_", found[1]).lower()})
    return frozenset()


def parse(data: bytes) -> tuple[ast.Module, list[str]]:
    """Parse a file's bytes.

    Raises:
        Unreadable: when they are no Python that this Python can parse, or nested too deeply.
    """
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        text = data.decode(encoding)
    except (SyntaxError, UnicodeDecodeError, LookupError) as error:
        raise Unreadable(f"its encoding cannot be read: {error}") from error
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text), text.splitlines()
    except SyntaxError as error:
        from fumehood.engines.code.grammar import downgrade, needs

        older = downgrade(text)
        if older is not None:
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    return ast.parse(older), text.splitlines()
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                pass
        raise Unreadable(needs(error)) from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise Unreadable(f"it cannot be parsed: {error or type(error).__name__}") from error
