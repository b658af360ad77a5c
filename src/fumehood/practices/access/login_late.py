"""Flask-Login, asked only by those who want to know who is signed in."""

from __future__ import annotations

from flask import Flask, Response, request
from flask_login import LoginManager, current_user
from flask_login.utils import _user_context_processor

from fumehood.practices.secrets.session import is_untouched

__all__ = ["ask_login_late"]


def ask_login_late(app: Flask, manager: LoginManager) -> None:
    """Spare requests that do not ask who is signed in the session and the account.

    Flask-Login reads the session after every request, for static files too, which would also forbid keeping them in a cache; and it loads
    the user for every template, whether or not that names ``current_user``.
    """
    hooks = app.after_request_funcs[None]

    def update_remember_cookie(response: Response) -> Response:
        # Signing in and out leave their mark in the session: where nobody touched it, there is none.
        if is_untouched(request) and not app.config.get("REMEMBER_COOKIE_REFRESH_EACH_REQUEST"):
            return response
        answer: Response = manager._update_remember_cookie(response)
        return answer

    hooks[hooks.index(manager._update_remember_cookie)] = update_remember_cookie
    app.template_context_processors[None].remove(_user_context_processor)
    app.jinja_env.globals["current_user"] = (
        current_user  # the proxy, which loads the account when a template looks at it
    )
