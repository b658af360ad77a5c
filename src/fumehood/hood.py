"""The Flask extension: installs the ten guards in order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask, Response, request

from fumehood.practices.access.declarations import allow, permit, public
from fumehood.practices.access.guard import GuardAccess
from fumehood.practices.audits.guard import GuardAudits
from fumehood.practices.csrf.guard import GuardCsrf
from fumehood.practices.https.guard import GuardHttps
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
        settings: values by field name of :class:`fumehood.settings.Settings`; they win over ``FUMEHOOD_*`` configuration.

    Raises:
        ConfigurationError: when the application cannot start safely.
    """

    public = staticmethod(public)
    allow = staticmethod(allow)
    permit = staticmethod(permit)

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
        self._overrides = settings
        if app is not None:
            self.init_app(app)

    def init_app(self, app: Flask) -> None:
        """Install the ten guards on an application.

        Raises:
            ConfigurationError: when it cannot start safely, or already has a hood.
        """
        if EXTENSION in app.extensions:
            raise ConfigurationError(f"{app.name} has a hood already; call Fumehood(app) once.")
        settings = read(app.config, self._overrides)
        development = app.debug or app.testing or settings.mode == "development"
        installation = Installation(settings, development=development, **self._parts)
        app.extensions[EXTENSION] = installation
        for guard_class in GUARDS:
            guard = guard_class(app, installation)
            installation.guards[guard.practice] = guard
            guard.install(app)
        _hook(app, installation)


def _hook(app: Flask, installation: Installation) -> None:
    guards = list(installation.guards.values())
    before = [guard.before for guard in guards if type(guard).before is not Guard.before]
    after = [guard.after for guard in guards if type(guard).after is not Guard.after]

    def fumehood_before() -> Response | None:
        for look in before:
            if (answer := look(request)) is not None:
                return answer
        return None

    def fumehood_after(response: Response) -> Response:
        for look in after:
            look(request, response)
        return response

    # First of all hooks: an application's own before_request must not run before the guards.
    app.before_request_funcs.setdefault(None, []).insert(0, fumehood_before)
    app.after_request_funcs.setdefault(None, []).insert(0, fumehood_after)
