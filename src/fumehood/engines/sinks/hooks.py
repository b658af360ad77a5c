"""Dangerous calls that Python itself announces: one audit hook for the process (PEP 578).

An audit hook cannot be removed. Without a request of a watched application it returns after two look-ups.
"""

from __future__ import annotations

import os
import pathlib
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import wraps
from itertools import pairwise
from types import FrameType
from typing import Any

from fumehood.engines.sinks.connections import look_at_connection, look_at_name
from fumehood.engines.sinks.explain import frames, own_words
from fumehood.engines.sinks.inputs import Value
from fumehood.engines.sinks.languages import Language, path, python, shell
from fumehood.engines.sinks.watch import Scope, active

__all__ = ["add_hook"]

_SHELL = Language(shell.changes, shell.commands)
_PYTHON = Language(python.changes, python.whole)

Look = Callable[[Scope, tuple[Any, ...]], None]

# What any pickle of plain data needs; nothing of it runs a program.
_PLAIN_CLASSES = frozenset({"builtins.set", "builtins.frozenset", "builtins.bytearray", "builtins.complex", "builtins.range", "builtins.slice",
    "builtins.list", "builtins.dict", "builtins.tuple", "builtins.str", "builtins.int", "builtins.float", "builtins.bool", "builtins.bytes",
    "collections.OrderedDict", "collections.defaultdict", "collections.Counter", "collections.deque", "copyreg._reconstructor", "builtins.object",
    "datetime.datetime", "datetime.date", "datetime.time", "datetime.timedelta", "datetime.timezone", "decimal.Decimal", "uuid.UUID", "fractions.Fraction"})  # fmt: skip


def _text(value: Any) -> str:
    try:
        return os.fsdecode(value)
    except TypeError:
        return ""


def _path(call: str, *places: int) -> Look:
    def look(scope: Scope, args: tuple[Any, ...]) -> None:
        inputs = scope.inputs()
        risky = inputs.matching(path.could_escape)
        for place in places if risky else ():
            opened = _text(args[place]) if place < len(args) and not isinstance(args[place], int) else ""
            for value in risky if opened else ():
                why = path.escapes(
                    opened, value.text, scope.watch.roots, lambda tail: own_words(tail, tail) > 0
                )
                # A path that the program names itself, such as a file of the system, is not the client's choice.
                if why and not (value.text in opened and own_words(opened, value.text)):
                    scope.report("path", call, opened, value, why)
                    return

    return look


def _pattern(scope: Scope, args: tuple[Any, ...]) -> None:
    """``Path.glob`` gives its folder and its pattern apart."""
    if len(args) > 1 and args[0] is not None:
        _path("pathlib.Path.glob", 0)(scope, (f"{_text(args[0])}/{_text(args[1])}",))


def _command(call: str) -> Look:
    def look(scope: Scope, args: tuple[Any, ...]) -> None:
        scope.text("shell", call, _text(args[0]), _SHELL)

    return look


def _arguments(call: str, place: int) -> Look:
    def look(scope: Scope, args: tuple[Any, ...]) -> None:
        words = args[place]
        if isinstance(words, str | bytes):
            words = [words]
        if not isinstance(words, Sequence) or not words:
            return
        texts = [_text(word) for word in words]
        if len(texts) > 2 and shell.is_shell(texts[0]):
            for flag, command in pairwise(texts[1:]):
                if (flag.startswith("-") and flag.endswith("c")) or flag.lower() in {"/c", "/k", "-command"}:
                    scope.text("shell", call, command, _SHELL)
        # The program itself must not be the client's choice.
        for value in scope.inputs().everything():
            if value.text == texts[0] and not own_words(texts[0], value.text):
                scope.report("shell", call, texts[0], value, "it chooses the program that is run")
                return

    return look


def _compile(scope: Scope, args: tuple[Any, ...]) -> None:
    source, filename = args[0], args[1]
    name = _text(filename) if filename else ""
    if name.endswith((".py", ".html", ".jinja", ".j2", ".txt", ".xml")) or "<template>" in name:
        return  # modules, and templates, which are looked at as templates
    caller = str(sys._getframe(4).f_globals.get("__name__", ""))
    if caller == "ast" or caller.startswith("werkzeug."):
        return  # ast.parse and ast.literal_eval only read; who runs the tree compiles that. Werkzeug compiles its own rules
    text = source.decode("utf-8", "replace") if isinstance(source, bytes) else source
    if not isinstance(text, str):
        text = _unparsed(text)
    if len(text) < 100_000:
        scope.text("code", "compile", text, _PYTHON)


def _unparsed(tree: Any) -> str:
    """Return the source of a tree; none of one that was never written, which may be none of Python's."""
    ast = sys.modules.get("ast")
    if ast is None or not isinstance(tree, ast.AST):
        return ""
    with suppress(ValueError, TypeError, AttributeError, RecursionError):
        return str(ast.unparse(tree))
    return ""


def _url(scope: Scope, args: tuple[Any, ...]) -> None:
    url = _text(args[0])
    if url.lower().startswith(("http:", "https:")):
        return  # judged by where it connects
    for value in scope.inputs().values():
        if url.lower().startswith(value.folded[:64]) and ":" in value.text:
            scope.report(
                "url",
                "urllib.request.urlopen",
                url,
                value,
                "it chooses a scheme that reads local files or other services",
            )
            return


def _find_class(scope: Scope, args: tuple[Any, ...]) -> None:
    module, name = str(args[0]), str(args[1])
    if f"{module}.{name}" in _PLAIN_CLASSES:
        return
    needles = (module.encode(), name.encode())
    inputs = scope.inputs()
    for data in inputs.raw():
        if all(needle in data for needle in needles):
            shown = next(
                (
                    value
                    for value in inputs.values()
                    if any(needle.decode() in value.text for needle in needles)
                ),
                None,
            )
            shown = shown or next(iter(inputs.values()), Value("body", "", "", ""))
            scope.report(
                "object",
                "pickle.loads",
                f"{module}.{name}",
                shown,
                f"it makes the unpickler import {module}.{name}",
            )
            return


def _marshal(scope: Scope, args: tuple[Any, ...]) -> None:
    data = bytes(args[0]) if isinstance(args[0], bytes | bytearray | memoryview) else b""
    imported = any(frame.f_globals.get("__name__") == "importlib._bootstrap_external" for frame in frames())
    if len(data) < 4 or imported:
        return
    inputs = scope.inputs()
    if any(data in sent for sent in inputs.raw()):
        shown = next(inputs.everything(), Value("body", "", "", ""))
        scope.report(
            "object",
            "marshal.loads",
            repr(data[:200]),
            shown,
            "it is read by marshal, which is not made for data of others",
        )


def _mail(scope: Scope, args: tuple[Any, ...]) -> None:
    data = args[1] if isinstance(args[1], bytes) else str(args[1]).encode("utf-8", "replace")
    head = data.split(b"\r\n\r\n", 1)[0].decode("utf-8", "replace").replace("\r\n", "\n")
    for value in scope.inputs().values():
        text = value.text.replace("\r\n", "\n").replace("\r", "\n")
        if "\n" in text.strip("\n") and text.strip("\n") in head and not text.startswith(" "):
            scope.report(
                "mail", "smtplib.SMTP.send", head, value, "its line break starts another header or command"
            )
            return


_LOOKS: dict[str, Look] = {
    "open": _path("open", 0),
    "os.listdir": _path("os.listdir", 0),
    "os.scandir": _path("os.scandir", 0),
    "glob.glob": _path("glob.glob", 0),
    "pathlib.Path.glob": _pattern,
    "pathlib.Path.rglob": _pattern,
    "os.remove": _path("os.remove", 0),
    "os.rename": _path("os.rename", 0, 1),
    "os.rmdir": _path("os.rmdir", 0),
    "os.mkdir": _path("os.mkdir", 0),
    "os.link": _path("os.link", 0, 1),
    "os.symlink": _path("os.symlink", 0, 1),
    "os.chmod": _path("os.chmod", 0),
    "os.truncate": _path("os.truncate", 0),
    "shutil.rmtree": _path("shutil.rmtree", 0),
    "shutil.copyfile": _path("shutil.copyfile", 0, 1),
    "shutil.move": _path("shutil.move", 0, 1),
    "os.chdir": _path("os.chdir", 0),
    "os.chown": _path("os.chown", 0),
    "os.utime": _path("os.utime", 0),
    "shutil.copymode": _path("shutil.copymode", 0, 1),
    "shutil.copytree": _path("shutil.copytree", 0, 1),
    "shutil.make_archive": _path("shutil.make_archive", 0, 2),
    "shutil.unpack_archive": _path("shutil.unpack_archive", 0, 1),
    "sqlite3.connect": _path("sqlite3.connect", 0),
    "os.system": _command("os.system"),
    "subprocess.Popen": _arguments("subprocess.Popen", 1),
    "os.exec": _arguments("os.exec", 1),
    "os.posix_spawn": _arguments("os.posix_spawn", 1),
    "os.spawn": _arguments("os.spawn", 2),
    "pty.spawn": _arguments("pty.spawn", 0),
    "compile": _compile,
    "socket.connect": look_at_connection,
    "socket.getaddrinfo": look_at_name,
    "urllib.Request": _url,
    "pickle.find_class": _find_class,
    "marshal.loads": _marshal,
    "smtplib.send": _mail,
}

_installed = threading.Event()
_lock = threading.Lock()


def _hook(event: str, args: tuple[Any, ...]) -> None:
    look = _LOOKS.get(event)
    if look is None:
        return
    scope = active.get()
    if scope is not None and not (event == "open" and _joined(scope, sys._getframe(1))):
        scope.guarded(lambda: look(scope, args))


def _joined(scope: Scope, caller: FrameType) -> bool:
    """Tell whether Werkzeug asks for a file of a static folder, whose name it has joined safely: the most frequent of all questions costs nothing."""
    return scope.serves_static_file() and caller.f_globals.get("__name__") == "werkzeug.utils"


def _asking(owner: Any, name: str) -> None:
    """Look at a question about a file, which Python does not announce: whether it is there is told too."""
    wrapped = getattr(owner, name)
    look = _path(f"{getattr(owner, '__name__', 'os.path')}.{name}", 0)

    @wraps(wrapped)
    def asks(path: Any, *args: Any, **kwargs: Any) -> Any:
        scope = active.get()
        if scope is not None and not _joined(scope, sys._getframe(1)):
            scope.guarded(lambda: look(scope, (path,)))
        return wrapped(path, *args, **kwargs)

    setattr(owner, name, asks)


def add_hook() -> None:
    """Install the process's audit hook, once."""
    with _lock:
        if not _installed.is_set():
            for owner in (os.path, pathlib.Path):
                for name in (
                    ("exists", "isfile", "isdir") if owner is os.path else ("exists", "is_file", "is_dir")
                ):
                    _asking(owner, name)
            sys.addaudithook(_hook)
            _installed.set()
