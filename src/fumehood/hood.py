"""The Flask extension: installs the ten guards in order."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Flask, Response, request

from fumehood.practices.access.declarations import Declaration, allow, permit, public
from fumehood.practices.access.guard import GuardAccess, as_declaration
from fumehood.practices.audits.guard import GuardAudits
from fumehood.practices.blocking import GuardSinks
from fumehood.practices.csrf.exempt import csrf_exempt
from fumehood.practices.csrf.guard import GuardCsrf
from fumehood.practices.https.guard import GuardHttps
from fumehood.practices.https.headers import headers
from fumehood.practices.input.accepts import accepts
from fumehood.practices.input.guard import GuardInput
from fumehood.practices.interface import EXTENSION, Guard, Installation
from fumehood.practices.passwords.guard import GuardPasswords
from fumehood.practices.secrets.guard import GuardSecrets
from fumehood.practices.sql.guard import GuardSql
from fumehood.practices.uploads.guard import GuardUploads
from fumehood.practices.versions.guard import GuardVersions
from fumehood.settings import ConfigurationError, read

__all__ = ["Fumehood"]

# The order of installation: what a guard needs of another (the engine, the keyring, the journal) comes before it.
GUARDS: tuple[type[Guard], ...] = (
    GuardSql,
    GuardAudits,
    GuardVersions,
    GuardSecrets,
    GuardHttps,
    GuardInput,
    GuardCsrf,
    GuardPasswords,
    GuardAccess,
    GuardUploads,
    GuardSinks,
)


class Fumehood:
    """Secures a Flask application with ten guards.

    Parameters:
        app: the application, or None to call :meth:`init_app` later.
        db: the application's Flask-SQLAlchemy extension; with it come ownership and accounts.
        user: its user model, a subclass of :class:`fumehood.AccountMixin`; with it come accounts.
        role: its role model, a subclass of :class:`fumehood.RoleMixin`.
        identity: for apps with accounts of their own: called without arguments in a request, returns who is signed in as a
            :class:`fumehood.Person` or a user object, or None.
        mailer: called with an ``email.message.EmailMessage`` to send it; ``FUMEHOOD_MAIL`` by default.
        settings: values by field name of :class:`fumehood.settings.Settings`; they win over ``FUMEHOOD_*`` of the app's configuration, and
            those over the environment's.

    Raises:
        ConfigurationError: when the application cannot start safely.
    """

    public = staticmethod(public)
    allow = staticmethod(allow)
    permit = staticmethod(permit)
    accepts = staticmethod(accepts)
    headers = staticmethod(headers)
    csrf_exempt = staticmethod(csrf_exempt)

    def __init__(
        self,
        app: Flask | None = None,
        *,
        db: Any = None,
        user: Any = None,
        role: Any = None,
        identity: Any = None,
        mailer: Any = None,
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        self._parts = {"db": db, "user": user, "role": role, "identity": identity, "mailer": mailer}
        self._declared: list[tuple[str, Declaration]] = []
        self._overrides = settings
        if app is not None:
            self.init_app(app)

    def init_app(self, app: Flask) -> None:
        """Install the ten guards on an application.

        Raises:
            ConfigurationError: when it cannot start safely, or already has a hood.
        """
        if not isinstance(app, Flask):
            raise ConfigurationError(f"Fumehood secures a Flask application, not a {type(app).__name__}.")
        if isinstance(failed := app.extensions.get(EXTENSION), Exception):
            raise ConfigurationError(f"{app.name} could not get its hood: {failed}") from failed
        if EXTENSION in app.extensions:
            raise ConfigurationError(f"{app.name} has a hood already; call Fumehood(app) once.")
        if app._got_first_request:
            raise ConfigurationError(
                f"{app.name} has answered requests without its hood; call Fumehood(app) before the first one."
            )
        settings = read(app.config, self._overrides, os.environ)
        development = app.debug or app.testing or settings.mode == "development"
        installation = Installation(settings, development=development, declared=self._declared, **self._parts)
        app.extensions[EXTENSION] = installation
        try:
            for guard_class in GUARDS:
                guard = guard_class(app, installation)
                installation.guards[guard.practice] = guard
                guard.install(app)
        except Exception as error:
            # Half a hood is none: what is installed already cannot be taken back, so this app stays without.
            app.extensions[EXTENSION] = error
            raise
        _hook(app, installation)

    def declare(self, target: str | Blueprint, declaration: Any) -> None:
        """Say who may come to views that you cannot mark, such as another package's.

        Parameters:
            target: a blueprint, an endpoint, or a pattern of endpoints such as ``"admin.*"``. A view's own mark wins over it.
            declaration: ``public``, ``allow(...)`` or ``permit(...)``.

        Raises:
            TypeError: when it is none of these.
        """
        pattern = f"{target.name}.*" if isinstance(target, Blueprint) else target
        self._declared.append((pattern, as_declaration(declaration)))


def _hook(app: Flask, installation: Installation) -> None:
    guards = list(installation.guards.values())
    before = [guard.before for guard in guards if type(guard).before is not Guard.before]
    after = [guard.after for guard in guards if type(guard).after is not Guard.after]

    # The request itself, not Flask's proxy: each look through that costs as much as a small guard.
    current = request._get_current_object  # type: ignore[attr-defined]

    def fumehood_before() -> Response | None:
        this = current()
        for look in before:
            if (answer := look(this)) is not None:
                return answer
        return None

    def fumehood_after(response: Response) -> Response:
        this = current()
        for look in after:
            look(this, response)
        return response

    # First of all hooks: an application's own before_request must not run before the guards.
    app.before_request_funcs.setdefault(None, []).insert(0, fumehood_before)
    app.after_request_funcs.setdefault(None, []).insert(0, fumehood_after)
