"""Views get what they declared: a validated model instead of whatever was sent."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from functools import partial, wraps
from typing import TYPE_CHECKING, Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from flask import current_app, request
from werkzeug.exceptions import UnsupportedMediaType

from fumehood.practices.input.problems import FieldError, InvalidInput, pointed, wants_page

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pydantic.fields import FieldInfo
    from werkzeug.datastructures import MultiDict

__all__ = ["ATTRIBUTE", "accepts"]

ATTRIBUTE = "__fumehood_accepts__"

Source = Literal["json", "query", "form"]
View = TypeVar("View", bound=Callable[..., Any])

_NAMES = {"json": "body", "query": "query", "form": "form"}
_MANY = (list, set, tuple, frozenset)


def accepts(model: type[BaseModel], source: Source = "json") -> Callable[[View], View]:
    """Validate the JSON body, the query or the form against a pydantic model, and pass the result to the view.

    Parameters:
        model: the model. Fields that it does not have are refused, in nested models too, so that nobody sets what was
            not meant to be set (mass assignment, CWE-915); a model with its own ``extra`` in ``model_config`` is taken at its word.
        source: ``"json"``, ``"query"`` or ``"form"``.

    The view gets it as the parameter that is annotated with the model; else as ``body``, ``query`` or ``form``. It works on
    functions, ``async`` functions, methods of a ``MethodView`` and in its ``decorators``, and may be used once per source. Input that is not
    valid is answered with 422 and problem details (RFC 9457), or an HTML page for a form; another content type than JSON with 415. A value given
    twice for a field that takes one is not valid (ASVS 15.3.7).

    Raises:
        TypeError: when the view has no parameter for the model.
    """
    if source not in _NAMES:
        raise TypeError(f"accepts(source=...) is one of 'json', 'query', 'form', not {source!r}")
    if not hasattr(model, "model_validate"):
        raise TypeError(f"accepts() takes a pydantic model, not {model!r}")
    read: Callable[[], BaseModel] = partial(_READERS[source], model)

    def decorate(view: View) -> View:
        name = _parameter(view, model, source)
        if inspect.iscoroutinefunction(view):

            @wraps(view)
            async def validated_async(*args: Any, **kwargs: Any) -> Any:
                return await view(*args, **{**kwargs, name: read()})

            wrapped: Any = validated_async
        else:

            @wraps(view)
            def validated(*args: Any, **kwargs: Any) -> Any:
                return view(*args, **{**kwargs, name: read()})

            wrapped = validated
        setattr(wrapped, ATTRIBUTE, (*getattr(view, ATTRIBUTE, ()), (source, model)))
        return wrapped  # type: ignore[no-any-return]

    return decorate


def _parameter(view: Callable[..., Any], model: type[BaseModel], source: Source) -> str:
    parameters = inspect.signature(view).parameters
    try:
        hints = get_type_hints(inspect.unwrap(view))
    except NameError:
        # A name that only type checkers know; the annotation as it is written has to do.
        hints = dict(getattr(inspect.unwrap(view), "__annotations__", {}))
    for name in parameters:
        if hints.get(name) is model or hints.get(name) == model.__name__:
            return name
    name = _NAMES[source]
    takes_any = any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values())
    if name not in parameters and not takes_any:
        raise TypeError(
            f"{view.__qualname__} has no parameter for {model.__name__}: annotate one, as in"
            f" def {view.__name__}({name}: {model.__name__})"
        )
    return name


def _forbid(model: type[BaseModel]) -> Literal["forbid"] | None:
    return None if "extra" in model.model_config else "forbid"


def _from_json(model: type[BaseModel]) -> BaseModel:
    from pydantic import ValidationError

    if not request.is_json:
        raise UnsupportedMediaType("Send JSON, with Content-Type: application/json.")
    # Reads the body within the limits of size and depth, and answers 400 itself when it is not JSON.
    content = request.get_json()
    if rb"\u0000" in request.get_data():
        _refuse_nul(content)
    try:
        if current_app.json.__class__.__module__ == "flask.json.provider":
            # Again from the text: in JSON mode a date is a string and a tuple a list, also for strict models.
            return model.model_validate_json(request.get_data(), extra=_forbid(model))
        return model.model_validate(content, extra=_forbid(model))
    except ValidationError as error:
        raise InvalidInput.of(error) from None


def _refuse_nul(content: Any, page: bool = False) -> None:
    """Refuse text with NUL in it: PostgreSQL cannot keep it, and much else takes it for the end (CWE-158)."""
    if found := list(_nul_in(content, "")):
        raise InvalidInput(found, page)


def _nul_in(content: Any, pointer: str) -> Iterator[FieldError]:
    if isinstance(content, str):
        if "\0" in content:
            yield FieldError(pointer, "Holds the character NUL, which has no place in text")
    elif isinstance(content, dict):
        for name, value in content.items():
            inside = f"{pointer}/{pointed(name)}"
            if "\0" in name:
                yield FieldError(inside.replace("\0", ""), "Its name holds the character NUL")
            yield from _nul_in(value, inside)
    elif isinstance(content, list):
        for place, value in enumerate(content):
            yield from _nul_in(value, f"{pointer}/{place}")


def _from_query(model: type[BaseModel]) -> BaseModel:
    return _from_fields(model, request.args, page=wants_page())


def _from_form(model: type[BaseModel]) -> BaseModel:
    if (
        request.mimetype not in {"application/x-www-form-urlencoded", "multipart/form-data"}
        and request.content_length
    ):
        raise UnsupportedMediaType("Send a form.")
    return _from_fields(
        model,
        request.form,
        page=wants_page(),
        ignored=current_app.config.get("WTF_CSRF_FIELD_NAME", "csrf_token"),
    )


_READERS: dict[str, Callable[[type[BaseModel]], BaseModel]] = {
    "json": _from_json,
    "query": _from_query,
    "form": _from_form,
}


def _from_fields(
    model: type[BaseModel], given: MultiDict[str, str], page: bool, ignored: str = ""
) -> BaseModel:
    from pydantic import ValidationError

    many = {name for field in model.model_fields.items() for name in _names_of_many(*field)}
    values: dict[str, Any] = {}
    twice: list[FieldError] = []
    for name, found in given.lists():
        if name == ignored:
            continue
        values[name] = found if name in many else found[0]
        if len(found) > 1 and name not in many:
            twice.append(FieldError("/" + pointed(name), "Given more than once"))
    if twice:
        raise InvalidInput(twice, page)
    _refuse_nul(values, page)
    try:
        return model.model_validate(values, extra=_forbid(model))
    except ValidationError as error:
        raise InvalidInput.of(error, page) from None


def _names_of_many(name: str, field: FieldInfo) -> tuple[str, ...]:
    """The names under which a field that takes several values may be given, or none."""
    kinds = (field.annotation, *get_args(field.annotation))
    if not any(kind in _MANY or get_origin(kind) in _MANY for kind in kinds):
        return ()
    aliases = (field.alias, field.validation_alias)
    return (name, *(alias for alias in aliases if isinstance(alias, str)))
