"""The kinds of files that can be taken at all, with what proves that a file is one."""

from __future__ import annotations

from dataclasses import dataclass

from fumehood.settings import ConfigurationError

__all__ = ["KINDS", "Kind", "allowed_kinds"]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of file.

    Parameters:
        name: the first of its extensions.
        content_type: as it is served.
        family: who looks at its content: image, pdf, text, office, archive or media.
        extensions: the endings that a file of this kind may have.
        inline: whether a browser may show it; everything else is a download.
    """

    name: str
    content_type: str
    family: str
    extensions: tuple[str, ...]
    inline: bool = False


_OOXML = "application/vnd.openxmlformats-officedocument."
_ODF = "application/vnd.oasis.opendocument."

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("jpg", "image/jpeg", "image", ("jpg", "jpeg"), inline=True),
        Kind("png", "image/png", "image", ("png",), inline=True),
        Kind("gif", "image/gif", "image", ("gif",), inline=True),
        Kind("webp", "image/webp", "image", ("webp",), inline=True),
        Kind("pdf", "application/pdf", "pdf", ("pdf",)),
        Kind("txt", "text/plain", "text", ("txt", "log"), inline=True),
        Kind("md", "text/markdown", "text", ("md", "markdown")),
        Kind("csv", "text/csv", "text", ("csv",)),
        Kind("docx", _OOXML + "wordprocessingml.document", "office", ("docx",)),
        Kind("xlsx", _OOXML + "spreadsheetml.sheet", "office", ("xlsx",)),
        Kind("pptx", _OOXML + "presentationml.presentation", "office", ("pptx",)),
        Kind("odt", _ODF + "text", "office", ("odt",)),
        Kind("ods", _ODF + "spreadsheet", "office", ("ods",)),
        Kind("odp", _ODF + "presentation", "office", ("odp",)),
        Kind("zip", "application/zip", "archive", ("zip",)),
        Kind("mp3", "audio/mpeg", "media", ("mp3",)),
        Kind("ogg", "audio/ogg", "media", ("ogg", "oga")),
        Kind("wav", "audio/wav", "media", ("wav",)),
        Kind("mp4", "video/mp4", "media", ("mp4", "m4v")),
        Kind("webm", "video/webm", "media", ("webm",)),
    )
}


def allowed_kinds(names: tuple[str, ...]) -> dict[str, Kind]:
    """Return the allowed kinds by extension.

    Raises:
        ConfigurationError: for a name that is no kind that we know; for one that runs in a browser, with the reason.
    """
    found: dict[str, Kind] = {}
    for name in names:
        kind = KINDS.get(name.lower().lstrip("."))
        if kind is None:
            runs = name.lower().lstrip(".") in {"svg", "html", "htm", "xhtml", "xml", "js", "swf"}
            raise ConfigurationError(
                f"FUMEHOOD_UPLOADS_TYPES: {name!r} "
                + (
                    "runs scripts in the browser of whoever opens it, and is never taken."
                    if runs
                    else "is not known."
                )
                + f" Choose from {', '.join(KINDS)}."
            )
        found |= dict.fromkeys(kind.extensions, kind)
    return found
