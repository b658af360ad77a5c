"""A throw-away copy of an application, and a process in which nothing outside of it can be changed.

Two halves. The parent makes the copy: the project's folder with its databases and uploads, so that the originals are never opened
for writing. The child refuses, by Python's audit events (PEP 578), every write outside the copy, every connection, every
process and every signal; SQLite files elsewhere are copied in when they are opened. What was refused is remembered, and told.
"""

from __future__ import annotations

import errno
import hashlib
import ipaddress
import os
import shutil
import sqlite3
import sys
import tempfile
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from fumehood.engines.attack.stores import remember

__all__ = ["COPIES", "CopyError", "Refused", "Sandbox", "copy_project", "remove_left_behind"]

LARGEST_COPY = 512 * 1024 * 1024
_LEFT_OUT = frozenset({".git", ".hg", ".svn", "node_modules", "__pycache__", ".venv", "venv", ".tox", ".nox", ".mypy_cache", ".ruff_cache", ".pytest_cache"})  # fmt: skip
_SQLITE_PARTS = ("", "-wal", "-shm", "-journal")


COPIES = "fumehood-attack-"  # temporary folders of copies begin with this and the number of the process that made them


class CopyError(Exception):
    """The project cannot be copied. The message says why."""


class Refused(PermissionError):
    """What the sandbox answers to a call that would reach outside."""


def remove_left_behind() -> None:
    """Remove the copies of this user's attacks that were killed before they could do so."""
    for folder in Path(tempfile.gettempdir()).glob(f"{COPIES}*-*"):
        number = folder.name.removeprefix(COPIES).partition("-")[0]
        with suppress(OSError):
            if (
                number.isdecimal()
                and folder.lstat().st_uid == os.getuid()
                and not Path(f"/proc/{number}").exists()
                and Path("/proc/self").exists()
            ):
                shutil.rmtree(folder, ignore_errors=True)


def copy_project(root: Path, scratch: Path) -> Path:
    """Copy a project's folder, without version control, caches and virtual environments.

    Links are copied as links; what they lead to outside of the copy can be read there and not be written.

    Raises:
        CopyError: when it is larger than 512 MiB, or cannot be read.
    """
    size = 0
    for folder, folders, files in os.walk(root):
        folders[:] = [name for name in folders if not _is_left_out(Path(folder, name))]
        for name in files:
            path = Path(folder, name)
            size += path.lstat().st_size
        if size > LARGEST_COPY:
            raise CopyError(
                f"{root} has more than {LARGEST_COPY >> 20} MiB; name a smaller folder, the application's own"
            )
    target = scratch / root.resolve().name

    def left_out(folder: str, names: list[str]) -> set[str]:
        return {name for name in names if _is_left_out(Path(folder, name))}

    try:
        shutil.copytree(root, target, symlinks=True, ignore=left_out)
    except (OSError, shutil.Error) as error:
        raise CopyError(f"{root} cannot be copied: {error}") from None
    return target


def _is_left_out(path: Path) -> bool:
    special = not path.is_symlink() and path.exists() and not path.is_dir() and not path.is_file()
    return path.name in _LEFT_OUT or special or (path.is_dir() and (path / "pyvenv.cfg").exists())


# Which arguments of an event are paths that it changes.
_CHANGES: dict[str, tuple[int, ...]] = {
    "os.chmod": (0,), "os.chown": (0,), "os.link": (0, 1), "os.mkdir": (0,), "os.remove": (0,), "os.rename": (0, 1), "os.rmdir": (0,),
    "os.symlink": (1,), "os.truncate": (0,), "os.utime": (0,), "os.setxattr": (0,), "os.removexattr": (0,), "os.mkfifo": (0,), "os.mknod": (0,),
    "shutil.rmtree": (0,), "shutil.move": (0, 1), "shutil.copyfile": (1,), "shutil.chown": (0,),
}  # fmt: skip
_PROCESSES = frozenset({"os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.forkpty", "subprocess.Popen", "pty.spawn",
    "os.kill", "os.killpg", "signal.pthread_kill", "os.startfile"})  # fmt: skip
_NETWORK = frozenset({"socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo", "socket.gethostbyname",
    "socket.gethostbyaddr", "socket.getnameinfo"})  # fmt: skip
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class Sandbox:
    """Refuses, in this process and for good, what reaches outside of a folder.

    Parameters:
        inside: the folder that may be written; everything else is read-only.
        devices: paths that may be written although they are outside.
        also: more folders that may be written, which are the process's own.
        but: what is in those and is not its own.
    """

    def __init__(
        self,
        inside: Path,
        devices: Sequence[str] = (os.devnull, "/dev/tty", "/dev/stderr", "/dev/stdout"),
        also: Sequence[str] = (),
        but: Sequence[str] = (),
    ) -> None:
        self.inside = os.path.realpath(inside)
        self._also = tuple(f"{folder}/" for folder in also)
        self._but = tuple(f"{entry}/" for entry in but)
        self.devices = frozenset(devices)
        self.refused: list[str] = []
        self._outside = Path(self.inside) / ".outside"
        self._open = threading.local()
        self._divides = False
        self._shared = f"/dev/shm/pym-{os.getpid()}-"  # noqa: S108 - shared memory that multiprocessing makes for this process

    def install(self) -> None:
        """Begin. Audit hooks cannot be removed: only ever called in a process of its own."""
        self._outside.mkdir(exist_ok=True)
        self._redirect_sqlite()
        sys.addaudithook(self._hook)

    def fork(self) -> int:
        """Divide this process for a phase: the one fork that is not the application's."""
        self._divides = True
        try:
            number = os.fork()
        finally:
            self._divides = False
        self._shared = f"/dev/shm/pym-{os.getpid()}-"  # noqa: S108 - as above
        return number

    @contextmanager
    def opened(self) -> Iterator[None]:
        """Let this thread connect within the block: for the attack's own database on a server, and nothing else."""
        depth = getattr(self._open, "depth", 0)
        self._open.depth = depth + 1
        try:
            yield
        finally:
            self._open.depth = depth

    def is_open(self) -> bool:
        """Tell whether this thread may connect now."""
        return getattr(self._open, "depth", 0) > 0

    def refuse(self, what: str) -> None:
        """Refuse what Python does not announce."""
        self._refuse(what)

    def refuse_connection(self, what: str) -> None:
        """Refuse a connection that native code would make."""
        self._refuse(what, network=True)

    def _hook(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            path, _, flags = arguments
            if flags & _WRITES and not isinstance(path, int):
                self._check(event, [path])
        elif event in _CHANGES:
            self._check(event, [arguments[place] for place in _CHANGES[event] if place < len(arguments)])
        elif event in _PROCESSES and not (self._divides and event == "os.fork"):
            self._refuse(f"{event} {_shown(arguments)}")
        elif event in _NETWORK and not (event == "socket.getaddrinfo" and _is_literal(arguments[0])):
            if self.is_open():
                return
            self._refuse(
                f"{event} {_shown(arguments[-1:] if event == 'socket.connect' else arguments)}", network=True
            )
        elif event == "sqlite3.connect":
            name = _text(arguments[0])
            if name not in {"", ":memory:"} and not name.startswith("file:") and not self._is_inside(name):
                self._refuse(f"sqlite3.connect {name}")

    def _check(self, event: str, paths: Iterable[Any]) -> None:
        for path in paths:
            if isinstance(path, int) or path is None:
                continue
            if not self._is_inside(_text(path)):
                self._refuse(f"{event} {_text(path)}")

    def _is_inside(self, path: str) -> bool:
        if path in self.devices or path.startswith(self._shared):
            return True
        # The folder is resolved, not the last part: to remove or replace a link changes the folder that holds it.
        parent, name = os.path.split(path.rstrip("/"))
        resolved = os.path.join(os.path.realpath(parent or "."), name)  # noqa: PTH118 - no objects on this path
        if os.path.islink(resolved):  # noqa: PTH114
            resolved = os.path.realpath(resolved)
        if resolved == self.inside or resolved.startswith(self.inside + os.sep):
            return True
        return (
            resolved.startswith(self._also)
            and f"{resolved}/" not in self._but
            and not resolved.startswith(self._but)
        )

    def _refuse(self, what: str, *, network: bool = False) -> None:
        if len(self.refused) < 10_000:
            self.refused.append(what[:300])
        if network:
            raise ConnectionRefusedError(errno.ECONNREFUSED, "refused by the audit's sandbox")
        raise Refused(errno.EPERM, f"refused by the audit's sandbox: {what[:200]}")

    def _redirect_sqlite(self) -> None:
        """Open a copy instead of an SQLite file outside, wherever an application's configuration leads."""
        connect = sqlite3.connect

        def connect_to_copy(database: Any, *args: Any, **kwargs: Any) -> sqlite3.Connection:
            opened = self._copied(database)
            connection: sqlite3.Connection = connect(opened, *args, **kwargs)
            name = _text(opened)
            with suppress(TypeError):  # a class of connections of which no weak reference can be had
                remember(_path_of(name) if name.startswith("file:") else name, connection)
            return connection

        sqlite3.connect = sqlite3.dbapi2.connect = connect_to_copy  # type: ignore[assignment]

    def _copied(self, database: Any) -> Any:
        name = _text(database)
        path, query = name, ""
        if name.startswith("file:"):
            path, _, query = name.removeprefix("file:").partition("?")
            path = unquote(path.removeprefix("//"))
        if path in {"", ":memory:"} or "mode=memory" in query or self._is_inside(path):
            return database
        copy = (
            self._outside
            / f"{hashlib.sha256(os.path.realpath(path).encode()).hexdigest()[:16]}-{Path(path).name}"
        )
        if not copy.exists():
            for part in _SQLITE_PARTS:
                if Path(path + part).is_file():
                    shutil.copyfile(path + part, f"{copy}{part}")
        return f"file:{copy}?{query}" if query else str(copy)


def _path_of(address: str) -> str:
    path, _, query = address.removeprefix("file:").partition("?")
    path = unquote(path.removeprefix("//"))
    return ":memory:" if "mode=memory" in query else path


def _is_literal(host: Any) -> bool:
    """An address needs no name server: nothing leaves, and the connection that follows is refused."""
    try:
        ipaddress.ip_address(_text(host or ""))
    except ValueError:
        return host in {None, "localhost"}
    return True


def _text(value: Any) -> str:
    try:
        return os.fsdecode(value)
    except TypeError:
        return str(value)


def _shown(arguments: Sequence[Any]) -> str:
    return " ".join(str(item)[:120] for item in arguments[:3])
