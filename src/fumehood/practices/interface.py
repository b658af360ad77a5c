"""The shape that all ten practices share: a guard, installed once per application."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

from flask import Flask, current_app
from werkzeug.exceptions import HTTPException

if TYPE_CHECKING:
    from flask import Request, Response
    from sqlalchemy import Engine

    from fumehood.practices.access.declarations import Declaration
    from fumehood.practices.audits.journal import Journal
    from fumehood.practices.secrets.keyring import Keyring
    from fumehood.practices.uploads.store import Store
    from fumehood.settings import Settings

__all__ = ["EXTENSION", "PRIVATE", "Guard", "Installation", "Refusal", "installed", "refuse"]

EXTENSION = "fumehood"

# A key of a request's environ: the Cache-Control of an answer that belongs to one person. Whoever looks at the session or
# at the person sets it to "no-store"; the https guard sends it.
PRIVATE = "fumehood.private"


@dataclass(eq=False, repr=False)
class Installation:
    """The hood as installed on one application: ``app.extensions["fumehood"]``.

    Several applications in one process each have their own; nothing of it is global.
    """

    settings: Settings
    db: Any = None  # the app's Flask-SQLAlchemy extension, when it was given
    user: Any = None  # the app's user model, when it was given
    role: Any = None  # the app's role model, when it was given
    identity: Any = None  # who is signed in: a callable, given by the app or set by practices/access
    mailer: Any = None  # sends an EmailMessage: a callable, given by the app or set by practices/access
    # By Fumehood.declare: endpoint pattern, mark.
    declared: list[tuple[str, Declaration]] = field(default_factory=list)
    development: bool = False  # app.debug, app.testing or FUMEHOOD_MODE=development
    guards: dict[str, Guard] = field(default_factory=dict)

    # Set by their guards, in the order of installation; typed here so that practices can use one another's.
    keyring: Keyring = field(init=False)  # practices/secrets
    journal: Journal = field(init=False)  # practices/audits
    make_engine: Callable[[], Engine] = field(init=False)  # practices/sql: see `engine`
    make_store: Callable[[], Store] = field(init=False)  # practices/uploads: see `store`

    def __post_init__(self) -> None:
        self._engine: Engine | None = None
        self._engine_lock = threading.Lock()
        self._store: Store | None = None
        self._store_lock = threading.Lock()

    @property
    def engine(self) -> Engine:
        """The engine of the hood's own tables, made when it is first asked for.

        Raises:
            ConfigurationError: if the database cannot be used.
        """
        if self._engine is None:
            with self._engine_lock:
                if self._engine is None:
                    self._engine = self.make_engine()
        return self._engine

    @property
    def store(self) -> Store:
        """The store of uploads, made when it is first asked for.

        Raises:
            ConfigurationError: if the place of its files cannot be used.
        """
        if self._store is None:
            with self._store_lock:
                if self._store is None:
                    self._store = self.make_store()
        return self._store

    def record(
        self, event: str, *, actor: str | None = None, subject: str | None = None, **details: Any
    ) -> None:
        """Write an event to the security journal; see :meth:`Journal.record`."""
        self.journal.record(event, actor=actor, subject=subject, **details)


class Guard:
    """Makes one practice hold in a running application. One class named ``Guard<Practice>`` per ``guard.py``.

    ``before`` and ``after`` are on the path of every request. A guard that does not override one does not pay for it:
    the hood calls only overridden ones, from a single Flask hook each.
    """

    practice: ClassVar[str]

    def __init__(self, app: Flask, installation: Installation) -> None:
        self.installation = installation
        self.settings = installation.settings

    def install(self, app: Flask) -> None:
        """Check the configuration, set Flask's own settings, register routes, template globals and the like.

        Raises:
            ConfigurationError: when the application cannot start safely.
        """

    def before(self, request: Request) -> Response | None:
        """Look at a request before its view; return None to let it pass, a response to answer it, or :func:`refuse` it."""

    def after(self, request: Request, response: Response) -> None:
        """Look at, or change, the response."""


class Refusal(HTTPException):
    """A request that a guard refused. The answer shows the incident id and the hint, never the reason.

    Parameters:
        practice: the folder of the practice whose guard refused.
        reason: what was seen; goes to the journal only.
        code: the HTTP status.
        hint: a sentence for the person, safe to show.
    """

    def __init__(self, practice: str, reason: str, code: int = 403, hint: str = "") -> None:
        super().__init__(hint or None)
        self.code = code
        self.practice = practice
        self.reason = reason
        self.hint = hint
        self.incident = secrets.token_hex(8)


def refuse(practice: str, reason: str, code: int = 403, *, hint: str = "", **details: Any) -> NoReturn:
    """Journal an attack or a forbidden request, and refuse it.

    Parameters:
        practice: the folder of the practice.
        reason: what was seen, for the journal; never a secret or a password.
        code: the HTTP status of the answer.
        hint: a sentence for the person who is refused.
        details: more for the journal entry.

    Raises:
        Refusal: always.
    """
    refusal = Refusal(practice, reason, code, hint)
    installed().record(
        "request.refused", practice=practice, reason=reason, incident=refusal.incident, status=code, **details
    )
    raise refusal


def installed(app: Flask | None = None) -> Installation:
    """Return the installation of an application, the current one by default.

    Raises:
        RuntimeError: when the application has no hood.
    """
    app = app or current_app
    try:
        installation: Installation = app.extensions[EXTENSION]
    except KeyError:
        raise RuntimeError(
            f"{app.name} has no hood: call Fumehood(app), or hood.init_app(app) in its factory"
        ) from None
    return installation
