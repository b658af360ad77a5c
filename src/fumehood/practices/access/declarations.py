"""Who may come to a route: three marks that every view wears one of. Silence means nobody.

The marks only mark; the guard reads them once per endpoint and enforces them (OWASP ASVS 8.2.1, CWE-862).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar, overload

__all__ = ["ATTRIBUTE", "Declaration", "allow", "permit", "public"]

ATTRIBUTE = "__fumehood_access__"

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Declaration:
    """One mark on a view.

    Parameters:
        kind: ``public`` (everybody), ``allow`` (who has one of the roles) or ``permit`` (who has all of the permissions).
        names: the roles or permissions; none with ``allow`` means anybody who is signed in.
        fresh: the longest time, in seconds, since the person last proved who they are; None for any time.
    """

    kind: Literal["public", "allow", "permit"]
    names: tuple[str, ...] = ()
    fresh: int | None = None

    def __str__(self) -> str:
        if self.kind == "public":
            return "public"
        inside = [repr(name) for name in self.names]
        if self.fresh is not None:
            inside.append(f"fresh={self.fresh}")
        return f"{self.kind}({', '.join(inside)})"

    def __call__(self, view: View) -> View:
        """Mark a view, a ``MethodView`` class or one of its methods; returns it unchanged but for the mark."""
        if not callable(view):
            raise TypeError(f"@{self} marks a view: a function or a View class, not a {type(view).__name__}")
        # Only the view's own marks: a subclass that declares for itself does not add to its parent's.
        held: tuple[Declaration, ...] = vars(view).get(ATTRIBUTE, ()) if hasattr(view, "__dict__") else ()
        if any((self.kind == "public") != (mark.kind == "public") for mark in held):
            name = getattr(view, "__qualname__", repr(view))
            raise TypeError(
                f"{name} is declared {held[0]} and {self}: a route for everybody has no other condition"
            )
        setattr(view, ATTRIBUTE, (*held, self))
        return view


PUBLIC = Declaration("public")


def public(view: View) -> View:
    """Open a route to everybody, signed in or not.

    Use it directly above ``def``, or on a ``MethodView`` class or method. The person is not even loaded.
    """
    return PUBLIC(view)


@overload
def allow(view: View, /) -> View: ...
@overload
def allow(*roles: str, fresh: int | None = None) -> Declaration: ...
def allow(*roles: Any, fresh: int | None = None) -> Any:
    """Open a route to people who have one of the roles; without roles, to anybody who is signed in.

    Parameters:
        roles: names of roles; one of them is enough.
        fresh: the longest time, in seconds, since the person last gave their password; older sessions are asked
            again. For sensitive actions (OWASP ASVS 7.5.1).

    Raises:
        TypeError: when a role is not a string.
    """
    if len(roles) == 1 and callable(roles[0]) and not isinstance(roles[0], str):
        return Declaration("allow")(roles[0])
    return Declaration("allow", _names("allow", roles), fresh)


def permit(*permissions: str, fresh: int | None = None) -> Declaration:
    """Open a route to people who have all of the permissions, by their roles; an API token needs them in its scopes too.

    Parameters:
        permissions: names of permissions such as ``"notes:write"``; all of them are needed.
        fresh: as for :func:`allow`.

    Raises:
        TypeError: without a permission, or when one is not a string.
    """
    if not permissions:
        raise TypeError(
            'permit() needs a permission, as in @permit("notes:write"); @allow() is for anybody signed in'
        )
    return Declaration("permit", _names("permit", permissions), fresh)


def _names(kind: str, given: tuple[Any, ...]) -> tuple[str, ...]:
    for name in given:
        if not isinstance(name, str) or not name:
            raise TypeError(f'{kind}() takes names, as in @{kind}("admin"), not {name!r}')
    return tuple(given)
