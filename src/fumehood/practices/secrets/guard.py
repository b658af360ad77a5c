"""The guard of the practice *secrets*: the keyring, and keys that deserve the name."""

from __future__ import annotations

import logging

from flask import Flask

from fumehood.practices.interface import Guard
from fumehood.practices.secrets.keyfile import KeyFile
from fumehood.practices.secrets.keyring import Keyring
from fumehood.practices.secrets.sources import Memory, PlatformFile, lifetime_of, source_of
from fumehood.settings import ConfigurationError

__all__ = ["GuardSecrets"]

_log = logging.getLogger("fumehood.secrets")

_MEND = (
    "Make a random one with `fumehood keys generate` and give it to the application outside its source: in the environment as "
    "FUMEHOOD_SECRET_KEY, or in a file named by FUMEHOOD_SECRET_KEY_FILE. Or configure none: the hood then makes one and keeps it under {instance}."
)


class GuardSecrets(Guard):
    """Opens the keyring at start-up, refuses keys that can be guessed or were published, and keeps Flask's own settings current.

    Raises:
        ConfigurationError: in production, for a weak key (ASVS 5.0 13.2.3, CWE-1391, CWE-798) or one that travels with the source.
    """

    practice = "secrets"

    def install(self, app: Flask) -> None:
        source = source_of(app, self.settings)
        keyring = self.installation.keyring = Keyring(source, lambda: lifetime_of(app))
        if not app.testing and (wrong := _wrong(app, keyring)):
            message = f"{wrong}. {_MEND.format(instance=app.instance_path)}"
            if not self.installation.development:
                raise ConfigurationError(f"Fumehood stops this start: {message}")
            _log.warning("In production this would stop the start: %s", message)

        def hand_on() -> None:
            # Flask, Flask-WTF, Flask-Login and itsdangerous read these at the moment of use.
            first, *others = keyring.all()
            if _bytes(app.config.get("SECRET_KEY")) != first:
                app.config["SECRET_KEY"] = _as_flask_takes_it(first)
            app.config["SECRET_KEY_FALLBACKS"] = [_as_flask_takes_it(key) for key in others]

        keyring.on_change(hand_on)


def _wrong(app: Flask, keyring: Keyring) -> str:
    """Return what is wrong with the keys, as a sentence without its full stop, or ""."""
    from fumehood.practices.secrets.committed import file_in_source, key_in_source
    from fumehood.practices.secrets.strength import weakness

    source = keyring.source
    if isinstance(source, Memory):
        return ""
    if isinstance(source, KeyFile | PlatformFile) and (why := file_in_source(source.path, app)):
        return f"the key file {source} {why}"
    if isinstance(source, KeyFile):
        return ""
    # A retired key that is weak is as good as the current one for whoever forges a session.
    for place, key in enumerate(keyring.keys):
        which = "the key" if place == 0 else f"key number {place + 1}"
        if why := weakness(bytes(key)):
            return f"{which} from {source} {why}"
        if not isinstance(source, PlatformFile) and (path := key_in_source(key, app)):
            return f"{which} from {source} stands in {path}, so everybody who can read the source has it"
    return ""


def _bytes(key: str | bytes | None) -> bytes | None:
    return key.encode("utf-8", "surrogateescape") if isinstance(key, str) else key


def _as_flask_takes_it(key: bytes) -> str | bytes:
    # As text where it is text: some extensions concatenate it.
    try:
        return key.decode("ascii")
    except UnicodeDecodeError:
        return key
