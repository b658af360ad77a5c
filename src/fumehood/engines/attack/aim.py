"""Puts a value into one place of an honest request."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

from fumehood.engines.attack.doors import account_of
from fumehood.engines.attack.exchange import Upload, Wanted
from fumehood.engines.attack.ground import Ground
from fumehood.engines.attack.known import PIXEL, Known, put
from fumehood.engines.attack.surface import Entry, Parameter, removes
from fumehood.engines.attack.ways import logins, request

__all__ = ["Target", "aim", "fits", "targets"]

# The places of two fields that must be the same: password and password_again, email and confirm_email.
_TWIN = re.compile(
    r"(?:re[-_]?(?:type|enter|peat)?|confirm(?:ation|ed)?|again|verif(?:y|ication)|check|2|second)",
    re.IGNORECASE,
)
_RAW_HEADER = re.compile(r"[^\r\n\0]+")
_NAME_OF_HEADER = re.compile(r"[^\r\n\0:\s()<>@,;\\/\[\]?={}\"]+")


@dataclass(frozen=True, slots=True)
class Target:
    """One place of a request: a parameter's value, a parameter's name ("*"), a file's name or its content."""

    entry: Entry
    parameter: Parameter
    honest: Wanted
    content: bool = False
    number: int = 0  # unlike any other's of the same phase

    @property
    def name(self) -> str:
        return "" if self.parameter.name == "*" else self.parameter.name


def targets(ground: Ground, *, changing: bool, share: tuple[int, int] = (0, 1)) -> Iterator[Target]:
    """Yield every place of every route that changes state, or of every route that does not.

    Parameters:
        share: which of how many shares of the routes.
    """
    entered = _with_right_credentials(ground) if changing else {}
    numbers = count(int(changing), 2)
    for number, entry in enumerate(sorted(ground.entries, key=removes)):
        if entry.changes_state is not changing or not entry.parameters or number % share[1] != share[0]:
            continue
        person = ground.visitor_for(entry)
        honest = entered.get(entry.key) or ground.known.fill(entry, person)
        for parameter in entry.parameters:
            if parameter.source == "json" and not parameter.name:
                continue
            yield Target(entry, parameter, honest, number=next(numbers))
            if parameter.source == "file":
                yield Target(entry, parameter, honest, content=True, number=next(numbers))


def _with_right_credentials(ground: Ground) -> dict[str, Wanted]:
    """Return requests that sign somebody in, by the entry's key: where a login leads is shown to who may come in."""
    account = next(filter(None, (account_of(ground, name) for name in ground.people())), None)
    if account is None:
        return {}
    requests = {}
    for way in logins(ground.entries):
        filled = ground.known.fill(way.entry)
        own = request(way, account, ground.stage.host)
        document = (
            {**filled.document, **own.document}
            if isinstance(filled.document, dict) and own.document
            else own.document
        )
        requests[way.entry.key] = own.having(
            path=filled.path, query={**filled.query, **own.query}, form={**filled.form, **own.form}, document=document,
            spare_cookies=filled.spare_cookies, spare_headers=filled.spare_headers,
        )  # fmt: skip
    return requests


def fits(target: Target, value: str) -> bool:
    """Tell whether a value can be sent in a place, and would come to the view."""
    source, name = target.parameter.source, target.parameter.name
    if source == "path":
        return "/" not in value or "Path" in target.entry.converters.get(name, "")
    if source == "header":
        return (_NAME_OF_HEADER if name == "*" else _RAW_HEADER).fullmatch(value) is not None
    return True


def aim(target: Target, value: str) -> Wanted:
    """Return the honest request with a value in one place."""
    entry, parameter, honest = target.entry, target.parameter, target.honest
    source, name = parameter.source, parameter.name
    if name == "*":
        return _named(target, value)
    if source == "path":
        return honest.having(path=_path(entry, name, value, honest))
    if source == "query":
        return honest.having(query=_with(honest.query, name, value))
    if source in {"form", "values"}:
        return honest.having(form=_with(honest.form, name, value))
    if source == "json":
        return honest.having(document=_in_document(honest.document, name, value))
    if source == "graphql":
        return honest.having(document=_asking(entry, name, value))
    if source == "cookie":
        return honest.having(cookies={**honest.cookies, name: value})
    if source == "header":
        return honest.having(headers={**honest.headers, name: value})
    if source == "file":
        upload = content_of(value) if target.content else Upload(value, PIXEL, "image/png")
        return honest.having(files={**honest.files, name: upload})
    return honest.having(
        raw=value.encode(), document=None, form={}, headers={**honest.headers, **_kind(value)}
    )


def _kind(value: str) -> dict[str, str]:
    return {"Content-Type": "application/xml"} if value.startswith("<") else {}


def _named(target: Target, value: str) -> Wanted:
    """Send a value as the name of a parameter, with each word as its value that the view may look for; it comes before all others."""
    honest = target.honest
    words = [*target.entry.words, "fh"]
    match target.parameter.source:
        case "query":
            return honest.having(query={value: words, **honest.query})
        case "form":
            return honest.having(form={value: words, **honest.form})
        case "json":
            return honest.having(document={value: words[0], **(honest.document or {})})
        case "cookie":
            return honest.having(cookies={value: words[0], **honest.cookies})
        case "header":
            return honest.having(headers={value: words[0], **honest.headers})
    return honest


def _with(values: dict[str, Any], name: str, value: str) -> dict[str, Any]:
    changed = {**values, name: value}
    changed.update({other: value for other in values if _twins(other, name)})
    return changed


def _twins(one: str, other: str) -> bool:
    """Tell whether two fields are meant to hold the same."""
    if one == other:
        return False
    bare = [re.sub(r"[-_\d]", "", _TWIN.sub("", name.lower())) for name in (one, other)]
    return bare[0] == bare[1] and bare[0] != ""


def _in_document(document: Any, name: str, value: str) -> Any:
    copied = _copied(document) if isinstance(document, dict) else {}
    put(copied, name, value)
    for other in list(copied):
        if _twins(other, name) and isinstance(copied[other], str):
            copied[other] = value
    return copied


def _asking(entry: Entry, name: str, value: str) -> dict[str, Any]:
    asked, _, place = name.partition(".")
    document, variables = entry.questions[asked]
    return {"query": document, "variables": _in_document(variables, place, value)}


def _copied(document: dict[str, Any]) -> dict[str, Any]:
    return {key: _copied(value) if isinstance(value, dict) else value for key, value in document.items()}


def _path(entry: Entry, name: str, value: str, honest: Wanted) -> str:
    filled = entry.rule
    parts, values = entry.rule.strip("/").split("/"), honest.path.strip("/").split("/")
    for part, kept in zip(parts, values, strict=False):
        if part.startswith("<") and part.endswith(">") and part.strip("<>").rpartition(":")[2] != name:
            filled = filled.replace(part, kept)
    return Known.path(filled, name, value, entry)


def content_of(value: str) -> Upload:
    """Return a file with a probe as its content, named as such files are."""
    if value.startswith("<"):
        return Upload("notes.xml", value.encode(), "application/xml")
    if "!!python" in value:
        return Upload("notes.yaml", value.encode(), "application/x-yaml")
    return Upload("notes.txt", value.encode(), "text/plain")


def document_with(entity: str) -> Upload:
    """Return an office document whose parts declare an external entity: formats that are XML within an archive."""
    types = (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/word/document.xml" '
        'ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
    )
    links = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>'
    )
    body = (
        f'<!DOCTYPE fh [<!ENTITY fh SYSTEM "{entity}">]><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
        "<w:body><w:p><w:r><w:t>&fh;</w:t></w:r></w:p></w:body></w:document>"
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, text in (
            ("[Content_Types].xml", types),
            ("_rels/.rels", links),
            ("word/document.xml", body),
        ):
            archive.writestr(zipfile.ZipInfo(name), text)
    return Upload(
        "notes.docx",
        buffer.getvalue(),
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    )
