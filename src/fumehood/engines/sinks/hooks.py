"""Dangerous calls that Python itself announces: one audit hook for the process (PEP 578).

An audit hook cannot be removed. Without a request of a watched application it returns after two look-ups.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

from fumehood.engines.sinks.explain import stack_modules
from fumehood.engines.sinks.languages import address, path, python, shell
from fumehood.engines.sinks.watch import Watch, active

__all__ = ["add_hook"]

Look = Callable[[Watch, tuple[Any, ...]], None]

_HTTP_CLIENTS = frozenset({"requests", "urllib3", "httpx", "httpcore", "aiohttp", "http", "urllib", "ftplib"})
_REDIRECTING = frozenset(
    {"resolve_redirects", "_send_handling_redirects", "http_error_302", "redirect_request"}
)
_OWN_ADDRESS = frozenset(
    {"origin", "referer", "x-forwarded-host", "x-forwarded-for", "x-real-ip", "forwarded", "via"}
)
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
    def look(watch: Watch, args: tuple[Any, ...]) -> None:
        values = watch.inputs().values()
        risky = [value for value in values if path.could_escape(value.text)]
        if not risky:
            return
        for place in places:
            opened = _text(args[place]) if place < len(args) and not isinstance(args[place], int) else ""
            for value in risky if opened else ():
                if why := path.escapes(opened, value.text):
                    watch.report("path", call, opened, value, why)

    return look


def _command(call: str) -> Look:
    def look(watch: Watch, args: tuple[Any, ...]) -> None:
        watch.text("shell", call, _text(args[0]), shell.changes)

    return look


def _arguments(call: str, place: int) -> Look:
    def look(watch: Watch, args: tuple[Any, ...]) -> None:
        words = args[place]
        if isinstance(words, str | bytes):
            words = [words]
        if not isinstance(words, Sequence):
            return
        texts = [_text(word) for word in words]
        if len(texts) > 2 and shell.is_shell(texts[0]):
            for flag, command in pairwise(texts[1:]):
                if (flag.startswith("-") and flag.endswith("c")) or flag.lower() in {"/c", "/k", "-command"}:
                    watch.text("shell", call, command, shell.changes)
        # The program itself must not be the client's choice.
        for value in watch.inputs().values():
            if value.text == texts[0] and ("/" in value.text or "\\" in value.text):
                watch.report("shell", call, texts[0], value, "it chooses the program that is run")

    return look


def _compile(watch: Watch, args: tuple[Any, ...]) -> None:
    source, filename = args[0], args[1]
    if not isinstance(source, str | bytes):
        return
    name = _text(filename) if filename else ""
    if name.endswith((".py", ".html", ".jinja", ".j2", ".txt", ".xml")) or "<template>" in name:
        return  # modules, and templates, which are looked at as templates
    text = source.decode("utf-8", "replace") if isinstance(source, bytes) else source
    if len(text) < 100_000:
        watch.text("code", "compile", text, python.changes)


def _getaddrinfo(watch: Watch, args: tuple[Any, ...]) -> None:
    host = _text(args[0] or "").lower().rstrip(".") if not isinstance(args[0], int) else ""
    inputs = watch.inputs()
    inputs.pending_host = None
    for value in inputs.values():
        # The browser's own headers name this site's host, and are not where an application takes an address from.
        if value.source == "header" and value.name.lower() in _OWN_ADDRESS:
            continue
        if host and host in address.hosts_named(value.text):
            inputs.pending_host = host
            inputs.pending_value = value
            inputs.followed = value
            return


def _connect(watch: Watch, args: tuple[Any, ...]) -> None:
    target = args[1]
    if (
        not isinstance(target, tuple)
        or not target
        or not isinstance(target[0], str)
        or not address.is_internal(target[0])
    ):
        return
    inputs = watch.inputs()
    where = f"{target[0]}:{target[1]}"
    modules = list(stack_modules())
    if not any(module.partition(".")[0] in _HTTP_CLIENTS for module, _ in modules):
        return
    if inputs.pending_host is not None and inputs.pending_value is not None:
        watch.report(
            "url",
            "socket.connect",
            where,
            inputs.pending_value,
            f"it leads to the internal address {target[0]}",
        )
    elif inputs.followed is not None and any(function in _REDIRECTING for _, function in modules):
        watch.report(
            "url",
            "socket.connect",
            where,
            inputs.followed,
            f"its answer redirects to the internal address {target[0]}",
        )


def _url(watch: Watch, args: tuple[Any, ...]) -> None:
    url = _text(args[0])
    if url.lower().startswith(("http:", "https:")):
        return  # judged by where it connects
    for value in watch.inputs().values():
        if url.lower().startswith(value.folded[:64]) and ":" in value.text:
            watch.report(
                "url",
                "urllib.request.urlopen",
                url,
                value,
                "it chooses a scheme that reads local files or other services",
            )
            return


def _find_class(watch: Watch, args: tuple[Any, ...]) -> None:
    module, name = str(args[0]), str(args[1])
    if f"{module}.{name}" in _PLAIN_CLASSES:
        return
    needles = (module.encode(), name.encode())
    inputs = watch.inputs()
    for data in inputs.raw():
        if all(needle in data for needle in needles):
            from fumehood.engines.sinks.inputs import Value

            shown = next(
                (
                    value
                    for value in inputs.values()
                    if any(needle.decode() in value.text for needle in needles)
                ),
                None,
            )
            shown = shown or next(iter(inputs.values()), Value("body", "", "", ""))
            watch.report(
                "object",
                "pickle.loads",
                f"{module}.{name}",
                shown,
                f"it makes the unpickler import {module}.{name}",
            )
            return


def _mail(watch: Watch, args: tuple[Any, ...]) -> None:
    data = args[1] if isinstance(args[1], bytes) else str(args[1]).encode("utf-8", "replace")
    head = data.split(b"\r\n\r\n", 1)[0].decode("utf-8", "replace").replace("\r\n", "\n")
    for value in watch.inputs().values():
        text = value.text.replace("\r\n", "\n").replace("\r", "\n")
        if "\n" in text.strip("\n") and text.strip("\n") in head and not text.startswith(" "):
            watch.report(
                "mail", "smtplib.SMTP.send", head, value, "its line break starts another header or command"
            )
            return


_LOOKS: dict[str, Look] = {
    "open": _path("open", 0),
    "os.listdir": _path("os.listdir", 0),
    "os.scandir": _path("os.scandir", 0),
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
    "os.system": _command("os.system"),
    "subprocess.Popen": _arguments("subprocess.Popen", 1),
    "os.exec": _arguments("os.exec", 1),
    "os.posix_spawn": _arguments("os.posix_spawn", 1),
    "os.spawn": _arguments("os.spawn", 2),
    "pty.spawn": _arguments("pty.spawn", 0),
    "compile": _compile,
    "socket.getaddrinfo": _getaddrinfo,
    "socket.connect": _connect,
    "urllib.Request": _url,
    "pickle.find_class": _find_class,
    "smtplib.send": _mail,
}

_installed = threading.Event()
_lock = threading.Lock()


def _hook(event: str, args: tuple[Any, ...]) -> None:
    look = _LOOKS.get(event)
    if look is None:
        return
    watch = active.get()
    if watch is not None:
        watch.guarded(lambda: look(watch, args))


def add_hook() -> None:
    """Install the process's audit hook, once."""
    with _lock:
        if not _installed.is_set():
            sys.addaudithook(_hook)
            _installed.set()
