"""What an application's own OpenAPI or Swagger document says of its parameters, from a file of the project or from the page that shows it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from fumehood.engines.attack.surface import Entry, Parameter

__all__ = ["described", "documents_of", "is_description"]

_FILES = ("*.json", "*.yaml", "*.yml")
_LARGEST = 2_000_000
_DEEPEST = 3
_SOURCES = {"query": "query", "header": "header", "cookie": "cookie", "formData": "form"}
_PLACE = re.compile(r"<(?:[^<>:]*:)?(\w+)>|\{(\w+)\}")


def documents_of(root: Path) -> list[dict[str, Any]]:
    """Return the descriptions among a project's files."""
    found = []
    for pattern in _FILES:
        for path in sorted((*root.glob(pattern), *root.glob(f"*/{pattern}"), *root.glob(f"*/*/{pattern}"))):
            if path.stat().st_size <= _LARGEST:
                document = _read(path)
                if is_description(document):
                    found.append(document)
    return found


def is_description(document: Any) -> bool:
    """Tell whether a document describes an API."""
    return isinstance(document, dict) and ("openapi" in document or "swagger" in document) and isinstance(document.get("paths"), dict)  # fmt: skip


def _read(path: Path) -> Any:
    text = path.read_text("utf-8", "replace")
    if "openapi" not in text and "swagger" not in text:
        return None
    if path.suffix == ".json":
        try:
            return json.loads(text)
        except ValueError:
            return None
    try:
        import yaml
    except ImportError:
        return None
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError:
        return None


def described(document: dict[str, Any], entries: Sequence[Entry]) -> Iterator[tuple[Entry, list[Parameter]]]:
    """Yield each route that a document speaks of, with the parameters that it names."""
    for path, methods in document["paths"].items():
        if not isinstance(methods, dict):
            continue
        for entry in entries:
            operation = methods.get(entry.method.lower())
            if isinstance(operation, dict) and _is_at(str(path), entry.rule):
                common = methods.get("parameters")
                given = [*(common if isinstance(common, list) else ()), *(operation.get("parameters") or ())]
                yield entry, list(dict.fromkeys(_parameters(document, given, operation)))


def _is_at(path: str, rule: str) -> bool:
    """Tell whether a path of a document is a rule's, which may begin with the address that the document is about."""
    told, own = _PLACE.sub("{}", path).rstrip("/"), _PLACE.sub("{}", rule).rstrip("/")
    return told == own or (told != "" and own.endswith(told) and told.startswith("/"))


def _parameters(
    document: dict[str, Any], given: Sequence[Any], operation: dict[str, Any]
) -> Iterator[Parameter]:
    for item in (_followed(document, item) for item in given):
        where, name = item.get("in"), item.get("name")
        if where == "body":
            yield from (Parameter("json", field) for field in _fields(document, item.get("schema")))
        elif where in _SOURCES and isinstance(name, str):
            yield Parameter("file" if item.get("type") == "file" else _SOURCES[where], name)
    content = _followed(document, operation.get("requestBody")).get("content")
    for kind, media in content.items() if isinstance(content, dict) else ():
        schema = media.get("schema") if isinstance(media, dict) else None
        source = "json" if "json" in kind else "form" if "form" in kind else ""
        for field in _fields(document, schema) if source else ():
            yield Parameter(source, field)


def _fields(document: dict[str, Any], schema: Any, prefix: str = "", depth: int = 0) -> Iterator[str]:
    schema = _followed(document, schema)
    for part in (*(schema.get("allOf") or ()), *(schema.get("anyOf") or ()), *(schema.get("oneOf") or ())):
        if depth < _DEEPEST:
            yield from _fields(document, part, prefix, depth + 1)
    properties = schema.get("properties")
    for name, inner in properties.items() if isinstance(properties, dict) else ():
        nested = list(_fields(document, inner, f"{prefix}{name}.", depth + 1)) if depth < _DEEPEST else []
        yield from nested or [f"{prefix}{name}"]


def _followed(document: dict[str, Any], item: Any) -> dict[str, Any]:
    """Return an object, or what its ``$ref`` leads to within the document."""
    for _ in range(5):
        reference = item.get("$ref") if isinstance(item, dict) else None
        if not isinstance(reference, str) or not reference.startswith("#/"):
            break
        item = document
        for part in reference[2:].split("/"):
            item = item.get(part.replace("~1", "/").replace("~0", "~")) if isinstance(item, dict) else None
    return item if isinstance(item, dict) else {}
