"""How mail leaves: to the log by default, by SMTP with TLS, or through a callable of the app's own."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from email.message import EmailMessage
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from flask import Flask

from fumehood.settings import ConfigurationError

if TYPE_CHECKING:
    from fumehood.practices.interface import Installation

__all__ = ["Mailer", "mailer_for"]

Mailer = Callable[[EmailMessage], object]

_SECONDS = 15.0


def mailer_for(app: Flask, installation: Installation) -> Mailer:
    """Return the mailer that ``FUMEHOOD_MAIL`` names.

    Raises:
        ConfigurationError: for an address of another kind.
    """
    configured = installation.settings.mail
    if configured == "console":
        return ConsoleMailer(app)
    try:
        parts = urlsplit(configured)
        if parts.scheme in {"smtp", "smtps"} and parts.hostname:
            return SmtpMailer(app, parts.scheme, parts.hostname, parts.port, parts.username, parts.password)
    except ValueError:
        pass
    # The address is not repeated: it may hold a password.
    raise ConfigurationError(
        "FUMEHOOD_MAIL must be console, smtp://user:password@host:587 or smtps://user:password@host:465; "
        "for anything else give Fumehood(app, mailer=...) a callable that takes an EmailMessage."
    )


class ConsoleMailer:
    """Writes mail to the app's log: for development, and for the first day of a new app."""

    def __init__(self, app: Flask) -> None:
        self._logger = app.logger

    def __call__(self, message: EmailMessage) -> None:
        body = message.get_body(("plain",))
        self._logger.warning(
            "Mail (FUMEHOOD_MAIL=console, so it is only shown here)\nTo: %s\nSubject: %s\n\n%s",
            message["To"],
            message["Subject"],
            body.get_content() if body is not None else "",
        )


class SmtpMailer:
    """Sends from a thread of its own, so that an answer takes as long whether or not there was somebody to write to.

    TLS is demanded: by STARTTLS (``smtp``) or from the start (``smtps``); on a loopback address only, mail may go in clear text.
    """

    def __init__(
        self, app: Flask, scheme: str, host: str, port: int | None, user: str | None, password: str | None
    ) -> None:
        self._logger = app.logger
        self._scheme = scheme
        self._host = host
        self._port = port or (465 if scheme == "smtps" else 587)
        self._user = unquote(user or "")
        self._password = unquote(password or "")
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="fumehood-mail")

    def __call__(self, message: EmailMessage) -> None:
        self._thread.submit(self._send, message)

    def _send(self, message: EmailMessage) -> None:
        try:
            with self._connected() as server:
                if self._user:
                    server.login(self._user, self._password)
                server.send_message(message)
        except (OSError, smtplib.SMTPException) as error:
            # The recipient is not named: logs are no address book.
            self._logger.error("A mail could not be sent through %s:%s: %s", self._host, self._port, error)

    def _connected(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        if self._scheme == "smtps":
            return smtplib.SMTP_SSL(self._host, self._port, timeout=_SECONDS, context=context)
        server = smtplib.SMTP(self._host, self._port, timeout=_SECONDS)
        try:
            server.ehlo()
            if self._host not in {"127.0.0.1", "::1", "localhost"} or server.has_extn("starttls"):
                server.starttls(context=context)
        except (OSError, smtplib.SMTPException):
            server.close()
            raise
        return server
