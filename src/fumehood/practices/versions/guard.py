"""The guard of the practice *versions*: says at start-up what runs although it is known to be vulnerable or no longer kept."""

from __future__ import annotations

import logging
import platform
import sys
from datetime import UTC, date, datetime
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from flask import Flask

from fumehood.practices.interface import Guard
from fumehood.settings import ConfigurationError

__all__ = ["END_OF_LIFE", "OLDEST_FLASK", "OLDEST_PYTHON", "WATCHED", "GuardVersions", "known_vulnerable"]

_log = logging.getLogger("fumehood.versions")

OLDEST_PYTHON = (3, 11)
OLDEST_FLASK = "3.1.1"

# The day after which a Python gets no security fix any more (https://devguide.python.org/versions/).
END_OF_LIFE = {
    (3, 11): date(2027, 10, 31),
    (3, 12): date(2028, 10, 31),
    (3, 13): date(2029, 10, 31),
    (3, 14): date(2030, 10, 31),
}

# What stands between a request and the data. Everything else is for the audit, which takes its time.
WATCHED = (
    *("flask", "werkzeug", "jinja2", "markupsafe", "itsdangerous", "click", "blinker"),
    *(
        "flask-security",
        "flask-login",
        "flask-wtf",
        "wtforms",
        "flask-sqlalchemy",
        "flask-limiter",
        "flask-cors",
    ),
    *("sqlalchemy", "psycopg", "psycopg2", "pymysql", "redis", "boto3", "urllib3", "requests"),
    *("argon2-cffi", "bcrypt", "cryptography", "pydantic", "nh3", "pillow", "pyjwt", "authlib"),
    *("gunicorn", "uwsgi", "waitress", "gevent", "eventlet"),
)


class GuardVersions(Guard):
    """Refuses a Python or Flask that the hood does not support; warns of known-vulnerable packages (CWE-1395, ASVS 5.0 15.2.1).

    Reads only the advisory data at hand (``fumehood advisories update``) and fetches nothing.
    """

    practice = "versions"

    def install(self, app: Flask) -> None:
        _insist_on_supported()
        if app.testing:
            return
        ends = END_OF_LIFE.get(sys.version_info[:2])
        if ends is not None and datetime.now(UTC).date() > ends:
            _log.warning(
                "Python %s gets no security fixes since %s. Move to a newer one.",
                platform.python_version(),
                ends,
            )
        for line in known_vulnerable(self.settings.advisories):
            _log.warning("%s", line)


def known_vulnerable(path: str = "") -> tuple[str, ...]:
    """Return a sentence for each watched package that is known to be vulnerable in the advisory data at hand.

    Parameters:
        path: the file of advisory data; the user's own by default.
    """
    from fumehood.engines.advisories.store import default_path

    try:
        file = Path(path) if path else default_path()
        stamp = file.stat().st_mtime_ns
    except (OSError, RuntimeError):
        # No data, or no home to look in: the audit lists that as not covered; a start is no place for it.
        return ()
    return _known_vulnerable(file, stamp)


@lru_cache(maxsize=4)
def _known_vulnerable(file: Path, _stamp: int) -> tuple[str, ...]:
    from fumehood.engines.advisories.packages import Package
    from fumehood.engines.advisories.store import Advisories, NoAdvisories

    try:
        with Advisories.load(file) as advisories:
            named = advisories.about(WATCHED)
            running = []
            for name in named:
                try:
                    running.append(Package(name, version(name)))
                except PackageNotFoundError:
                    continue
            return tuple(
                f"{one.package} is known to be vulnerable: {one.advisory.cve}, {one.advisory.summary}. "
                + (f"Update it to {one.fixed}." if one.fixed else "There is no fixed version yet.")
                for one in advisories.match(running)
            )
    except NoAdvisories as error:
        return (f"Known vulnerabilities were not looked for: {error}.",)


def _insist_on_supported() -> None:
    if sys.version_info[:2] < OLDEST_PYTHON:
        wanted = ".".join(map(str, OLDEST_PYTHON))
        raise ConfigurationError(
            f"Fumehood needs Python {wanted} or newer; this is {platform.python_version()}."
        )
    running = version("flask")
    if _numbers(running) < _numbers(OLDEST_FLASK):
        raise ConfigurationError(
            f"Fumehood needs Flask {OLDEST_FLASK} or newer; {running} is installed. Run: pip install --upgrade flask"
        )


def _numbers(text: str) -> tuple[int, ...]:
    # Enough for releases of Flask, without the cost of importing packaging at every start.
    return tuple(int(part) for part in text.split(".")[:3] if part.isdecimal())
