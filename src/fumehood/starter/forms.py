"""The forms of the pages. What they accept is all that a view sees."""

from __future__ import annotations

from typing import Any

from wtforms import (
    EmailField,
    Field,
    HiddenField,
    IntegerField,
    MultipleFileField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    widgets,
)
from wtforms.validators import DataRequired, Length, NumberRange, Optional, ValidationError

from fumehood import Form, OneLine

from .models import AUDIENCES
from .roles import PERMISSIONS, ROLES

__all__ = [
    "TEXT_AT_MOST",
    "CommentForm",
    "Confirm",
    "FilesForm",
    "NameForm",
    "NoteForm",
    "RoleForm",
    "ShareForm",
    "TokenForm",
]

TITLE_AT_MOST = 200
TEXT_AT_MOST = 100_000


class Confirm(Form):
    """Nothing but the token: for buttons."""


class NoteForm(Form):
    title = StringField(
        "Title", validators=[DataRequired("Give the note a title."), Length(max=TITLE_AT_MOST), OneLine()]
    )
    text = TextAreaField("Text", validators=[Length(max=TEXT_AT_MOST)])
    audience = RadioField("Who may read it", choices=AUDIENCES, default="private")
    files = MultipleFileField("Attach files")
    version = IntegerField(widget=widgets.HiddenInput(), validators=[Optional(), NumberRange(min=1)])


class CommentForm(Form):
    text = TextAreaField(
        "Your comment", validators=[DataRequired("Write something first."), Length(max=4000)]
    )


class FilesForm(Form):
    files = MultipleFileField("Attach files")


class ShareForm(Form):
    email = EmailField(
        "E-mail address", validators=[DataRequired("Whom do you want to share it with?"), Length(max=255)]
    )
    can_write = SelectField("May", choices={"read": "read it", "write": "read and change it"})


class NameForm(Form):
    name = StringField(
        "Your name", validators=[DataRequired("How shall others see you?"), Length(max=80), OneLine()]
    )


class RoleForm(Form):
    role = SelectField("Role", choices={name: name.capitalize() for name in ROLES})
    before = HiddenField(validators=[Optional(), Length(max=20)])


class _Checkboxes(SelectMultipleField):  # type: ignore[misc]
    widget = widgets.ListWidget(prefix_label=False)
    option_widget = widgets.CheckboxInput()


def _some(_form: Any, field: Field) -> None:
    # DataRequired would tell browsers that every single box must be ticked.
    if not field.data:
        raise ValidationError("Choose what it may do.")


class TokenForm(Form):
    name = StringField(
        "What is it for?",
        validators=[DataRequired("Give it a name that tells you later what uses it."), Length(max=100)],
    )
    scopes = _Checkboxes("It may", choices=PERMISSIONS, validators=[_some])
    days = SelectField(
        "It ends after",
        choices={"7": "7 days", "30": "30 days", "90": "90 days", "365": "a year"},
        coerce=int,
        default=90,
    )
