"""An application with a store, and files of every kind made on the spot."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from werkzeug.datastructures import FileStorage

from fumehood import Person
from fumehood.practices.uploads.store import Store


class Site:
    """An application under the hood and who is signed in to it."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.person: Person | None = Person(id=7)
        from fumehood import Fumehood
        from hooded import bare_app

        self.app = bare_app(folder)
        Fumehood(self.app, identity=lambda: self.person, settings=settings)

    @property
    def store(self) -> Store:
        store: Store = self.app.extensions["fumehood"].store
        return store

    def content(self, file_id: str) -> bytes:
        with self.store.open(file_id) as kept:
            return kept.read()

    def events(self, event: str) -> list[Any]:
        journal = self.app.extensions["fumehood"].journal
        journal.flush()
        found: list[Any] = journal.latest(event=event)
        return found


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def file(content: bytes, name: str) -> FileStorage:
    return FileStorage(io.BytesIO(content), name)


def image(kind: str = "PNG", size: tuple[int, int] = (60, 40), mode: str = "RGB", **more: Any) -> bytes:
    made = io.BytesIO()
    Image.new(mode, size, "red" if mode != "L" else 128).save(made, kind, **more)
    return made.getvalue()


def archive(entries: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", compression) as target:
        for name, content in entries.items():
            target.writestr(name, content)
    return made.getvalue()


def document(**more: bytes) -> bytes:
    types = b"<Types><Override ContentType='application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml'/></Types>"
    return archive({"[Content_Types].xml": types, "word/document.xml": b"<w/>", **more})


PDF = b"%PDF-1.7\n1 0 obj\n<</Type/Catalog>>\nendobj\ntrailer\n<</Root 1 0 R>>\nstartxref\n0\n%%EOF\n"
