"""Files that are sent, and what becomes of them: where they are written, and as what they are served."""

from __future__ import annotations

import io
import re
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from fumehood.engines.attack.exchange import Exchange, Upload, Wanted
from fumehood.engines.attack.ground import Ground
from fumehood.engines.attack.known import PIXEL, Known
from fumehood.engines.attack.pages import read
from fumehood.engines.attack.surface import Entry, Parameter

__all__ = ["Escaped", "Served", "escaped", "served"]

_SCRIPT = b"<script>/*fhup*/</script>"
_SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>/*fhup*/</script></svg>'
_ACTIVE = ("text/html", "application/xhtml+xml", "image/svg+xml", "text/xml", "application/xml")
# Name, content, and the type that the browser says it is.
_FILES = (
    ("fhpage{n}.html", b"<!doctype html>" + _SCRIPT, "text/html"),
    ("fhdrawing{n}.svg", _SVG, "image/svg+xml"),
    ("fhtwice{n}.png.html", PIXEL + _SCRIPT, "image/png"),
    ("fhtwice{n}.html.png", b"<!doctype html>" + _SCRIPT, "image/png"),
    ("fhpolyglot{n}.png", PIXEL + b"<!doctype html>" + _SCRIPT, "text/html"),
    ("fhlied{n}.html", PIXEL + _SCRIPT, "image/png"),
    ("fhpage{n}.xhtml", b'<html xmlns="http://www.w3.org/1999/xhtml">' + _SCRIPT + b"</html>", "image/png"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Served:
    """A file that was taken and is given back as something that a browser runs."""

    entry: Entry
    field: str
    sent: Exchange
    answer: Exchange
    name: str


@dataclass(frozen=True, slots=True)
class Escaped:
    """A file of an archive that was written outside of the folder where the archive's other files are."""

    entry: Entry
    field: str
    sent: Exchange
    where: str


def _takers(ground: Ground) -> Iterator[tuple[Entry, Parameter, str]]:
    for entry in ground.entries:
        for parameter in entry.reads("file"):
            if entry.changes_state and parameter.name:
                yield entry, parameter, ground.visitor_for(entry)


def served(ground: Ground) -> Iterator[Served]:
    """Yield fields that take a file which is later served as a page or a drawing with script in it."""
    for entry, parameter, person in _takers(ground):
        for number, (name, content, kind) in enumerate(_FILES):
            name = name.format(n=number)
            before = _files(ground.scratch)
            wanted = ground.known.fill(entry, person)
            sent = ground.send(
                wanted.having(files={**wanted.files, parameter.name: Upload(name, content, kind)})
            )
            if not 0 < sent.status < 400:
                continue
            kept = [
                path
                for path in _files(ground.scratch) - before
                if path.is_file() and b"fhup" in path.read_bytes()
            ]
            found = next(_given_back(ground, sent, person, name, kept), None)
            if found is not None:
                yield Served(entry, parameter.name, sent, found, name)
                break


def _given_back(
    ground: Ground, sent: Exchange, person: str, name: str, kept: list[Path]
) -> Iterator[Exchange]:
    for path in _addresses(ground, sent, person, name, kept):
        answer = ground.send(Wanted("GET", path, person=person))
        if answer.ok and "/*fhup*/" in answer.body and _runs(answer):
            yield answer


def _runs(answer: Exchange) -> bool:
    """Whether a browser runs what it is given: as a page, and not in a sandbox or as a download."""
    if "attachment" in answer.header("Content-Disposition").lower():
        return False
    policy = answer.header("Content-Security-Policy").lower()
    if "sandbox" in policy or re.search(r"(script-src|default-src) '(none|self)'(;|$| *$)", policy):
        return False
    kind = answer.header("Content-Type").partition(";")[0].strip().lower()
    # What names no type is guessed by browsers.
    return kind in _ACTIVE or (not kind and answer.header("X-Content-Type-Options").lower() != "nosniff")


def _addresses(ground: Ground, sent: Exchange, person: str, name: str, kept: list[Path]) -> Iterator[str]:
    """Where the file may be: what the answer names, static folders, routes that take a name, links of pages."""
    names = [name, *(path.name for path in kept)]
    seen: dict[str, None] = {}
    for text in (sent.header("Location"), *re.findall(r"[\"'(\s](/[\w./%-]+)", f" {sent.body}")):
        seen[text.partition("?")[0]] = None
    app = ground.stage.app
    for folder, prefix in (
        (app.static_folder, app.static_url_path),
        *((item.static_folder, item.static_url_path) for item in app.blueprints.values()),
    ):
        for path in kept if folder and prefix else ():
            if path.resolve().is_relative_to(Path(str(folder)).resolve()):
                seen[f"{prefix}/{path.resolve().relative_to(Path(str(folder)).resolve()).as_posix()}"] = None
    known = Known.read(ground.scratch)
    for entry in ground.entries:
        if entry.changes_state or not entry.reads("path"):
            continue
        for parameter in entry.reads("path"):
            values = (
                [*names, *(path.parent.name + "/" + path.name for path in kept)]
                if "Integer" not in entry.converters.get(parameter.name, "")
                else []
            )
            numbers = sorted(
                (value for value in known.values_of(entry, parameter.name) if isinstance(value, int)),
                reverse=True,
            )[:3]
            for value in (*values, *numbers):
                wanted = ground.known.fill(entry, person)
                seen[
                    Known.path(entry.rule, parameter.name, value, entry)
                    if len(entry.reads("path")) == 1
                    else wanted.path
                ] = None
    for entry in ground.entries:
        if not entry.changes_state and not entry.reads("path"):
            page = ground.send(ground.known.fill(entry, person))
            if page.is_html and any(item in page.body for item in names):
                parsed = read(page.body, page.wanted.path)
                for link in (*parsed.links, *parsed.urls):
                    if link.startswith("/") and any(item in link for item in names):
                        seen[link.partition("?")[0]] = None
    yield from [path for path in seen if path.startswith("/") and not path.startswith("//")][:40]


def escaped(ground: Ground) -> Iterator[Escaped]:
    """Yield fields that take an archive and write what it names ``../`` outside of the folder of the rest."""
    for entry, parameter, person in _takers(ground):
        for number, make in enumerate((_zipped, _tarred)):
            inside, outside = f"fhinside{number}.txt", f"fhoutside{number}.txt"
            name, content, kind = make(inside, f"../../{outside}")
            wanted = ground.known.fill(entry, person)
            sent = ground.send(
                wanted.having(files={**wanted.files, parameter.name: Upload(name, content, kind)})
            )
            home = next((path for path in ground.scratch.rglob(inside)), None)
            away = next((path for path in ground.scratch.rglob(outside)), None)
            refused = next((text for text in sent.refused if outside in text), "")
            if (home and away and not away.resolve().is_relative_to(home.parent.resolve())) or refused:
                yield Escaped(entry, parameter.name, sent, refused or f"{away} is written beside {home}")
                break


def _zipped(inside: str, outside: str) -> tuple[str, bytes, str]:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr(inside, "fhup")
        archive.writestr(outside, "fhup")
    return "fharchive.zip", data.getvalue(), "application/zip"


def _tarred(inside: str, outside: str) -> tuple[str, bytes, str]:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:gz") as archive:
        for name in (inside, outside):
            item = tarfile.TarInfo(name)
            item.size = 4
            archive.addfile(item, io.BytesIO(b"fhup"))
    return "fharchive.tar.gz", data.getvalue(), "application/gzip"


def _files(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.is_file()}
