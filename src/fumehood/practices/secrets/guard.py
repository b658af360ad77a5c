"""The guard of the practice *secrets*: the keyring, and keys that deserve the name."""

from __future__ import annotations

from flask import Flask

from fumehood.practices.interface import Guard
from fumehood.practices.secrets.keyring import Keyring
from fumehood.practices.secrets.sources import lifetime_of, source_of

__all__ = ["GuardSecrets"]


class GuardSecrets(Guard):
    practice = "secrets"

    def install(self, app: Flask) -> None:
        source = source_of(app, self.settings)
        keyring = self.installation.keyring = Keyring(source, lambda: lifetime_of(app))

        def hand_on() -> None:
            # Flask, Flask-WTF, Flask-Login and itsdangerous read these at the moment of use.
            first, *others = keyring.all()
            if _bytes(app.config.get("SECRET_KEY")) != first:
                app.config["SECRET_KEY"] = _as_flask_takes_it(first)
            app.config["SECRET_KEY_FALLBACKS"] = [_as_flask_takes_it(key) for key in others]

        keyring.on_change(hand_on)


def _bytes(key: str | bytes | None) -> bytes | None:
    return key.encode("utf-8", "surrogateescape") if isinstance(key, str) else key


def _as_flask_takes_it(key: bytes) -> str | bytes:
    # As text where it is text: some extensions concatenate it.
    try:
        return key.decode("ascii")
    except UnicodeDecodeError:
        return key
