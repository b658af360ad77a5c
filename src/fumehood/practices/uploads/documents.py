"""Looks at PDF, office files and text: that they are what they say, and only that."""

from __future__ import annotations

import codecs
import html
import re
import zlib
from typing import BinaryIO

from fumehood.practices.uploads.archives import Limits, checked_archive, read_part
from fumehood.practices.uploads.interface import UploadRefused
from fumehood.practices.uploads.kinds import Kind

__all__ = ["check_office", "check_pdf", "check_text"]

_NOT_IT = "The file is not what its name says."
_PIECE = 64 * 1024

# Names in a PDF by which it acts by itself, or carries other files (ISO 32000-2, 12.6 and 7.11.4).
_ACTIVE = re.compile(
    rb"/(JavaScript|JS|Launch|EmbeddedFiles?|RichMedia|XFA|SubmitForm|ImportData|GoToR|GoToE)(?![A-Za-z0-9])"
)
_HEX = re.compile(rb"#([0-9A-Fa-f]{2})")
_OBJECT_STREAM = re.compile(rb"/ObjStm\b([^<>]{0,400})>>\s{0,4}stream\r?\n")
_FLATE_ALONE = re.compile(rb"/Filter\s*(\[\s*)?/FlateDecode\s*(?(1)\])(?=[\s/>]|$)")
_OBJECTS = re.compile(rb"\s*\d+\s+\d+[^<\[(/]{0,100000}[<\[(/]|\s*<<")
_MOST_STREAMS = 5000
_LONGEST_STREAM = 1024 * 1024
_MOST_UNPACKED = 64 * 1024 * 1024

_MARKUP = re.compile(
    r"\s*(<!doctype|<html|<head|<body|<script|<svg|<\?xml|<\?php|<iframe|<!--|#!|%!ps|%pdf-)", re.IGNORECASE
)
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]")

_LONGEST_RELATIONS = 1024 * 1024
_ELEMENT = re.compile(r"""<(?:[^"'<>]|"[^"]*"|'[^']*')*>""")
_ASIDE = re.compile(r"<!--.*?-->|<\?.*?\?>", re.DOTALL)
_EXTERNAL = re.compile(r"TargetMode\s*=\s*[\"']\s*External", re.IGNORECASE)
_FETCHED = re.compile(
    r"/(attachedTemplate|oleObject|frame|subDocument|package|control)\s*[\"']", re.IGNORECASE
)
_MACRO_TYPES = re.compile(r"vbaProject|macroEnabled|wordVbaData|xlMacrosheet|intlMacrosheet", re.IGNORECASE)

_OFFICE_PARTS = {
    "docx": ("word/document.xml", b"wordprocessingml.document.main+xml"),
    "xlsx": ("xl/workbook.xml", b"spreadsheetml.sheet.main+xml"),
    "pptx": ("ppt/presentation.xml", b"presentationml.presentation.main+xml"),
}


def check_pdf(stream: BinaryIO, longest: int) -> None:
    """Refuse what is not a PDF from its first byte to its last, is encrypted, or acts by itself.

    Object streams are unpacked to look into them; what is in other streams is page content.

    Raises:
        UploadRefused: with what was seen.
    """
    content = stream.read(longest + 1)
    stream.seek(0)
    if not re.match(rb"%PDF-[12]\.\d", content):
        raise UploadRefused("does not begin as a PDF", _NOT_IT)
    end = content.rfind(b"%%EOF")
    if end < 0 or len(content) - end > 1024 or content[end + 5 :].strip(b"\r\n\t \0"):
        raise UploadRefused(
            "bytes after the end of a PDF", "The file holds more than a PDF should, or is cut off."
        )
    if b"PK\x05\x06" in content[-66_000:]:
        raise UploadRefused("a PDF that is an archive too", "The file holds more than a PDF should.")
    if b"/Encrypt" in content:
        raise UploadRefused(
            "an encrypted PDF",
            "The PDF has a password or other protection; nobody could check what it holds.",
        )
    _insist_on_passive(content)
    _insist_on_passive_streams(content)


def _insist_on_passive_streams(content: bytes) -> None:
    """Look into the streams that hold objects; one that is packed in a way that cannot be looked through hides something."""
    plain = _named(content)
    places = list(_OBJECT_STREAM.finditer(content))
    if len(places) > _MOST_STREAMS:
        raise UploadRefused("object streams without end", "The PDF is too complicated to be checked.")
    if len(places) != len(re.findall(rb"/ObjStm(?![A-Za-z0-9])", plain)):
        raise UploadRefused("an object stream in disguise", "The PDF is too complicated to be checked.")
    unpacked = 0
    for found in places:
        # From the beginning of its object: what packs it may stand before or after its type.
        about = _named(content[max(0, content.rfind(b"obj", 0, found.start())) : found.end()])
        inflater = zlib.decompressobj()
        try:
            inside = inflater.decompress(
                content[found.end() : found.end() + _LONGEST_STREAM + _PIECE], _LONGEST_STREAM
            )
        except zlib.error:
            inside = b""
        if not _OBJECTS.match(inside) or not _FLATE_ALONE.search(about) or b"/DecodeParms" in about:
            raise UploadRefused(
                "an object stream that is packed in an unusual way",
                "The PDF is too complicated to be checked.",
            )
        unpacked += len(inside)
        if (inflater.unconsumed_tail and not inflater.eof) or unpacked > _MOST_UNPACKED:
            raise UploadRefused(
                "an object stream that is too large", "The PDF is too complicated to be checked."
            )
        _insist_on_passive(inside)


def _named(content: bytes) -> bytes:
    """Names as they are meant: ``/J#61vaScript`` is ``/JavaScript``."""
    return _HEX.sub(lambda found: bytes([int(found[1], 16)]), content) if b"#" in content else content


def _insist_on_passive(content: bytes) -> None:
    if active := _ACTIVE.search(_named(content)):
        raise UploadRefused(
            f"a PDF with {active[1].decode()}",
            "The PDF runs scripts or carries other files. Print it to a new PDF and send that.",
        )


def check_text(stream: BinaryIO) -> None:
    """Refuse what is not text in UTF-8, or is markup or a program.

    Raises:
        UploadRefused: with what was seen.
    """
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    first = True
    try:
        while piece := stream.read(_PIECE):
            text = decoder.decode(piece)
            if first and _MARKUP.match(text):
                raise UploadRefused("markup or a program as text", _NOT_IT)
            if _CONTROLS.search(text):
                raise UploadRefused("control characters in text", _NOT_IT)
            first = False
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        raise UploadRefused(
            "text that is not UTF-8", "The text is not in UTF-8. Save it in that encoding and send it again."
        ) from None
    finally:
        stream.seek(0)


def _insist_on_relations(content: bytes) -> None:
    """Refuse relations that make an office program fetch or run something as soon as the document is opened.

    Links that wait for a click, and pictures from elsewhere, pass. By their type, for the part that they lead to may have any name.
    """
    if len(content) > _LONGEST_RELATIONS or b"\0" in content or b"<!DOCTYPE" in content.upper():
        raise UploadRefused(
            "relations that cannot be read", "The document is made in a way that is not accepted."
        )
    text = content.decode("utf-8", "replace")
    if _MACRO_TYPES.search(html.unescape(text)):
        raise UploadRefused("macros", "The document has macros or controls. Save it without them.")
    for relation in map(html.unescape, _ELEMENT.findall(_ASIDE.sub("", text))):
        if _FETCHED.search(relation) and _EXTERNAL.search(relation):
            raise UploadRefused(
                "a part from elsewhere", "The document loads a template or an object from elsewhere."
            )


def check_office(stream: BinaryIO, kind: Kind) -> None:
    """Refuse what is not an office file of its kind, or has macros, controls or a template from elsewhere.

    Raises:
        UploadRefused: with what was seen.
    """
    with checked_archive(stream, Limits(nested=True)) as archive:
        names = archive.namelist()
        if kind.name in _OFFICE_PARTS:
            part, declared = _OFFICE_PARTS[kind.name]
            if part not in names or declared not in read_part(archive, "[Content_Types].xml"):
                raise UploadRefused(f"not a {kind.name}", _NOT_IT)
            for name in names:
                if name.lower().endswith((".rels", "[content_types].xml")):
                    _insist_on_relations(read_part(archive, name, _LONGEST_RELATIONS + 1))
        elif names[:1] != ["mimetype"] or read_part(archive, "mimetype", 200) != kind.content_type.encode():
            raise UploadRefused(f"not a {kind.name}", _NOT_IT)
        for name in names:
            low = name.lower()
            if "vbaproject" in low or "/activex/" in low or low.startswith(("basic/", "scripts/")):
                raise UploadRefused("macros", "The document has macros or controls. Save it without them.")
    stream.seek(0)
