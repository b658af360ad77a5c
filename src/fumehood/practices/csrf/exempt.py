"""The mark of views that other sites may call: webhooks, mostly. The audit lists every one."""

from __future__ import annotations

from typing import Any, TypeVar

__all__ = ["ATTRIBUTE", "csrf_exempt"]

ATTRIBUTE = "__fumehood_csrf_exempt__"

Exempted = TypeVar("Exempted")


def csrf_exempt(view: Exempted) -> Exempted:
    """Let cross-site requests reach a view, a ``MethodView`` (or one method of it) or a whole blueprint.

    The view must prove by other means that the request is meant: a webhook's signature, a bearer token.
    """
    if isinstance(view, str):
        raise TypeError("@csrf_exempt marks the view itself, not its name")
    marked: Any = view
    setattr(marked, ATTRIBUTE, True)
    return view
