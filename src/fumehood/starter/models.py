"""People, notes, and who may see them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, false, func, literal_column, or_, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from fumehood import AccountMixin, Owned, Person, RoleMixin

from .database import db, now

__all__ = ["AUDIENCES", "Attachment", "Comment", "Note", "Role", "Share", "User", "search_vector"]

# An address that was somebody's note shall not lead to another one after it is deleted.
_NEVER_AGAIN = {"sqlite_autoincrement": True}

AUDIENCES = {"private": "Only me and people I name", "lab": "Everybody in the lab"}


class Role(db.Model, RoleMixin):  # type: ignore[name-defined, misc]
    """A lab-wide role; see roles.py."""


class User(db.Model, AccountMixin):  # type: ignore[name-defined, misc]
    """A person of the lab. People are never deleted, their notes stay; who leaves is deactivated."""

    name: Mapped[str] = mapped_column(String(80), default="")
    must_change_password: Mapped[bool] = mapped_column(default=False)

    @property
    def shown_name(self) -> str:
        return self.name or self.email.partition("@")[0]

    @property
    def role(self) -> str:
        """The strongest of their roles, or an empty string."""
        held = {role.name for role in self.roles}
        return next((name for name in ("admin", "editor", "reader") if name in held), "")


class Share(db.Model):  # type: ignore[name-defined, misc]
    """A note's door for one person."""

    note_id: Mapped[int] = mapped_column(ForeignKey("note.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(
        ForeignKey("user.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    can_write: Mapped[bool] = mapped_column(default=False)

    person: Mapped[User] = relationship(lazy="joined", innerjoin=True)


class Note(db.Model, Owned):  # type: ignore[name-defined, misc]
    """A page of the notebook. ``version`` counts its changes: nobody overwrites what they have not seen."""

    __table_args__ = _NEVER_AGAIN

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text, default="")
    audience: Mapped[str] = mapped_column(String(10), default="private")
    version: Mapped[int] = mapped_column()
    created_at: Mapped[datetime] = mapped_column(default=now)
    changed_at: Mapped[datetime] = mapped_column(default=now, index=True)
    changed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))

    owner: Mapped[User] = relationship(foreign_keys="Note.owner_id")
    changed_by: Mapped[User | None] = relationship(foreign_keys=[changed_by_id])
    shares: Mapped[list[Share]] = relationship(cascade="all, delete-orphan", passive_deletes=True)
    comments: Mapped[list[Comment]] = relationship(
        cascade="all, delete-orphan", passive_deletes=True, order_by="Comment.id"
    )
    attachments: Mapped[list[Attachment]] = relationship(
        back_populates="note", cascade="all, delete-orphan", passive_deletes=True, order_by="Attachment.id"
    )

    __mapper_args__ = {"version_id_col": version}

    @classmethod
    def visible_to(cls, person: Person | None) -> Any:
        """Their own notes, those of the lab, and those shared with them by name."""
        if person is None:
            return false()
        shared = select(Share.note_id).where(Share.person_id == person.id)
        return or_(cls.owner_id == person.id, cls.audience == "lab", cls.id.in_(shared))

    @classmethod
    def changeable_by(cls, person: Person | None) -> Any:
        """Their own notes, and those shared with them for writing; nothing for who only reads."""
        if person is None or not person.may("notes:write"):
            return false()
        shared = select(Share.note_id).where(Share.person_id == person.id, Share.can_write)
        return or_(cls.owner_id == person.id, cls.id.in_(shared))

    def writable_by(self, person: Person) -> bool:
        """Tell whether a person may change the text and the attachments."""
        return person.may("notes:write") and (
            self.owner_id == person.id
            or any(share.person_id == person.id and share.can_write for share in self.shares)
        )

    def ruled_by(self, person: Person) -> bool:
        """Tell whether a person may share and delete it."""
        return person.may("notes:write") and self.owner_id == person.id


def search_vector() -> Any:
    """The words of a note as PostgreSQL indexes them; the query must be written as the index is."""
    return func.to_tsvector(
        literal_column("'simple'::regconfig"), Note.title + literal_column("' '") + Note.text
    )


class Comment(db.Model, Owned):  # type: ignore[name-defined, misc]
    """What somebody says about a note. Whoever sees the note sees it; its owner may take it back."""

    __table_args__ = _NEVER_AGAIN

    id: Mapped[int] = mapped_column(primary_key=True)
    note_id: Mapped[int] = mapped_column(ForeignKey("note.id", ondelete="CASCADE"), index=True)
    text: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=now)

    owner: Mapped[User] = relationship(lazy="joined", innerjoin=True)

    @classmethod
    def visible_to(cls, person: Person | None) -> Any:
        return cls.note_id.in_(select(Note.id).where(Note.visible_to(person)))

    @classmethod
    def changeable_by(cls, person: Person | None) -> Any:
        """Their own comments; with a note go all of its comments."""
        if person is None:
            return false()
        own_notes = select(Note.id).where(Note.owner_id == person.id)
        return or_(cls.owner_id == person.id, cls.note_id.in_(own_notes))


class Attachment(db.Model, Owned):  # type: ignore[name-defined, misc]
    """A file of a note; its content is in the upload store under ``stored_id``."""

    __table_args__ = _NEVER_AGAIN

    id: Mapped[int] = mapped_column(primary_key=True)
    note_id: Mapped[int] = mapped_column(ForeignKey("note.id", ondelete="CASCADE"), index=True)
    stored_id: Mapped[str] = mapped_column(String(100))
    name: Mapped[str] = mapped_column(String(255))
    content_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int] = mapped_column()
    created_at: Mapped[datetime] = mapped_column(default=now)

    note: Mapped[Note] = relationship(back_populates="attachments")

    @property
    def is_image(self) -> bool:
        return self.content_type in {"image/png", "image/jpeg", "image/gif", "image/webp"}

    @classmethod
    def visible_to(cls, person: Person | None) -> Any:
        return cls.note_id.in_(select(Note.id).where(Note.visible_to(person)))

    @classmethod
    def changeable_by(cls, person: Person | None) -> Any:
        return cls.note_id.in_(select(Note.id).where(Note.changeable_by(person)))


Index("ix_note_owner_changed", Note.owner_id, Note.changed_at)
