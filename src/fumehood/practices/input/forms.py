"""Forms on Flask-WTF with the limits that every field needs."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from flask import request
from flask_wtf import FlaskForm
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.exceptions import BadRequest
from wtforms import Field, PasswordField, StringField, TextAreaField
from wtforms.validators import Length, StopValidation, ValidationError

__all__ = ["Form", "OneLine", "WebAddress"]

_CONTROLS = re.compile(r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]")
# Line breaks and tabs of all kinds; marks that turn the direction of writing, with which one name is made to look like another.
_NOT_IN_A_LINE = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")


class Form(FlaskForm):  # type: ignore[misc, unused-ignore]
    """A Flask-WTF form whose text has limits.

    Each text field without a limit of its own (``Length(max=...)``) gets ``Meta.max_line`` characters, a ``TextAreaField``
    ``Meta.max_text``; browsers are told by ``maxlength``. Text with NUL in it is refused; other control characters are taken out of text, but not out of
    passwords, which stay as they were typed. A JSON body must be an object of plain values to fill a form; for more use :func:`fumehood.accepts`.
    """

    class Meta(FlaskForm.Meta):  # type: ignore[misc, unused-ignore]
        max_line = 1000
        max_text = 20_000

        def bind_field(self, form: Any, unbound_field: Any, options: dict[str, Any]) -> Field:
            field = super().bind_field(form, unbound_field, options)
            if isinstance(field, StringField):
                limit = self.max_text if isinstance(field, TextAreaField) else self.max_line
                if not any(getattr(validator, "max", -1) > 0 for validator in field.validators):
                    field.validators = [*field.validators, Length(max=limit)]
                    field.flags.maxlength = limit
                field.validators = [no_nul, *field.validators]
                if not isinstance(field, PasswordField):
                    field.filters = [without_controls, *field.filters]
            return field

        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            if request and request.is_json and request.method in {"POST", "PUT", "PATCH", "DELETE"}:
                return _plain_values(request.get_json())
            return super().wrap_formdata(form, formdata)


def _plain_values(content: Any) -> ImmutableMultiDict[str, str]:
    if isinstance(content, dict):
        lists = {name: value if isinstance(value, list) else [value] for name, value in content.items()}
        if not any(isinstance(value, dict | list) for values in lists.values() for value in values):
            return ImmutableMultiDict(
                {name: [str(value) for value in values] for name, values in lists.items()}
            )
    raise BadRequest("Send a JSON object of plain values.")


class OneLine:
    """Text that others see in one line, such as a name or a title: no line breaks, no marks that turn the direction of
    writing, not only blanks (CWE-93, CWE-451).
    """

    def __init__(self, message: str = "Use letters, digits, signs and spaces only.") -> None:
        self.message = message

    def __call__(self, form: Any, field: Field) -> None:
        if field.data and (_NOT_IN_A_LINE.search(field.data) or not field.data.strip()):
            raise ValidationError(self.message)


class WebAddress:
    """An address that is safe to show as a link: http or https, with a host, without a password (CWE-79, CWE-522).

    To fetch such an address use :func:`fumehood.fetch_url`.
    """

    def __init__(self, message: str = "Enter an address that begins with https:// or http://.") -> None:
        self.message = message

    def __call__(self, form: Any, field: Field) -> None:
        if not field.data:
            return
        try:
            parts = urlsplit(field.data)
            fits = parts.scheme in {"http", "https"} and bool(parts.hostname) and "@" not in parts.netloc
            _ = parts.port
        except ValueError:
            fits = False
        if not fits or _NOT_IN_A_LINE.search(field.data) or " " in field.data or "\\" in field.data:
            raise ValidationError(self.message)


def no_nul(_form: Any, field: Field) -> None:
    """Refuse NUL: PostgreSQL cannot keep it, and much else takes it for the end of a text (CWE-158)."""
    if isinstance(field.data, str) and "\0" in field.data:
        raise StopValidation("This holds a character that has no place in text.")


def without_controls(value: Any) -> Any:
    """Take controls out of text: terminals and logs obey them."""
    return _CONTROLS.sub("", value) if isinstance(value, str) else value
