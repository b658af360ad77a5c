"""Mail that the application sends while it is attacked: it is accepted by nobody's server, and kept to be read."""

from __future__ import annotations

import email
import email.policy
import smtplib
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["Outbox"]

_REPLIES = {"data": 354, "quit": 221, "auth": 235, "starttls": 220}
_REPLACED = ("__init__", "connect", "send", "getreply", "starttls")
_FEATURES = b"localhost\nAUTH PLAIN LOGIN\nSTARTTLS\n8BITMIME\nSMTPUTF8"


class Outbox:
    """Stands in for every SMTP server of this process.

    Parameters:
        tell: is told of each message, for the list of what was refused.
    """

    def __init__(self, tell: Callable[[str], None] = lambda _: None) -> None:
        self.messages: list[str] = []
        self._tell = tell

    def install(self) -> None:
        """Begin. What libraries do with :mod:`smtplib` goes through the same four methods, so that their own checks run."""
        box = self

        begin = smtplib.SMTP.__init__

        def initialise(self: Any, *args: Any, **kwargs: Any) -> None:
            if len(args) < 3:
                kwargs.setdefault("local_hostname", "localhost")  # else it asks a name server for its own
            begin(self, *args, **kwargs)

        def connect(self: Any, *_: Any, **__: Any) -> tuple[int, bytes]:
            self._said = ""
            return 220, b"nobody's server"

        def send(self: Any, data: Any) -> None:
            sys.audit(
                "smtplib.send",
                self,
                data if isinstance(data, bytes) else str(data).encode("utf-8", "replace"),
            )
            text = data if isinstance(data, str) else bytes(data).decode("utf-8", "replace")
            if self._said == "data":
                self._said = ""
                box._take(text)
            else:
                self._said = text.strip().partition(" ")[0].lower()

        def getreply(self: Any) -> tuple[int, bytes]:
            said = getattr(self, "_said", "")
            return _REPLIES.get(said, 250), _FEATURES if said == "ehlo" else b"ok"

        def starttls(*_: Any, **__: Any) -> tuple[int, bytes]:
            return 220, b"ok"

        for name, method in zip(_REPLACED, (initialise, connect, send, getreply, starttls), strict=True):
            setattr(smtplib.SMTP, name, method)

    @contextmanager
    def standing_in(self) -> Iterator[None]:
        """Be every SMTP server for a while."""
        before = {name: vars(smtplib.SMTP)[name] for name in _REPLACED}
        self.install()
        try:
            yield
        finally:
            for name, method in before.items():
                setattr(smtplib.SMTP, name, method)

    def _take(self, text: str) -> None:
        message = email.message_from_string(text.removesuffix("\r\n.\r\n"), policy=email.policy.default)
        parts = [part for part in message.walk() if part.get_content_maintype() == "text"]
        body = "\n".join(_content(part) for part in parts) or text
        self.messages.append(f"Subject: {message.get('Subject', '')}\n\n{body}")
        self._tell(f"smtplib mail to {message.get('To', 'somebody')}")


def _content(part: Any) -> str:
    try:
        return str(part.get_content())
    except (LookupError, ValueError, AttributeError):
        return str(part.get_payload())
