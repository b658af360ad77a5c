"""Counters that several workers share: in the hood's own database, in Redis, or in memory."""

from __future__ import annotations

import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from flask import current_app

from fumehood.settings import ConfigurationError

if TYPE_CHECKING:
    from sqlalchemy import Engine, Table

    from fumehood.practices.interface import Installation

__all__ = ["Count", "Counters", "MemoryCounters", "counters_for"]


class Count(NamedTuple):
    """How often, and when last (seconds since 1970)."""

    number: int = 0
    last: float = 0.0


class Counters(Protocol):
    """Counts by name. A count is forgotten ``lifetime`` seconds after it was last raised, or first raised for :meth:`window`."""

    def read(self, name: str) -> Count: ...

    def add(self, name: str, lifetime: float) -> Count:
        """Raise a count by one and return what it was before, in one step."""

    def window(self, name: str, seconds: float) -> Count:
        """Raise a count that ends ``seconds`` after its first; return what it was before, with the time of the first."""

    def lower(self, name: str) -> None:
        """Take one back."""

    def clear(self, name: str) -> None: ...


class MemoryCounters:
    """Counts in this process only. Holds at most ``most`` names; the ones longest untouched are forgotten first."""

    def __init__(self, most: int = 100_000) -> None:
        self._counts: OrderedDict[str, tuple[int, float, float]] = OrderedDict()
        self._most = most
        self._lock = threading.Lock()

    def read(self, name: str) -> Count:
        number, last, end = self._counts.get(name, (0, 0.0, 0.0))
        return Count(number, last) if end > time.time() else Count()

    def add(self, name: str, lifetime: float) -> Count:
        now = time.time()
        return self._raise(name, lambda _before: (now, now + lifetime))

    def window(self, name: str, seconds: float) -> Count:
        now = time.time()
        return self._raise(name, lambda before: (before.last or now, (before.last or now) + seconds))

    def _raise(self, name: str, when: Callable[[Count], tuple[float, float]]) -> Count:
        with self._lock:
            before = self.read(name)
            self._counts[name] = (before.number + 1, *when(before))
            self._counts.move_to_end(name)
            if len(self._counts) > self._most:
                self._counts.popitem(last=False)
        return before

    def lower(self, name: str) -> None:
        with self._lock:
            if (held := self._counts.get(name)) is not None:
                self._counts[name] = (max(0, held[0] - 1), *held[1:])

    def clear(self, name: str) -> None:
        with self._lock:
            self._counts.pop(name, None)


class DatabaseCounters:
    """Counts in the table ``fumehood_counters`` of the hood's own database."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self._swept = 0.0

    def _table(self) -> tuple[Engine, Table]:
        from fumehood.practices.passwords.tables import counters
        from fumehood.practices.sql.tables import create

        engine = self._installation.engine
        create(engine, counters)
        return engine, counters

    def read(self, name: str) -> Count:
        from sqlalchemy import select

        from fumehood.practices.sql.tables import reading

        engine, table = self._table()
        with reading(engine) as connection:
            row = connection.execute(
                select(table.c.number, table.c.last).where(
                    table.c.name == _short(name), table.c.ends > time.time()
                )
            ).first()
        return Count(*row) if row else Count()

    def add(self, name: str, lifetime: float) -> Count:
        now = time.time()
        return self._raise(name, lambda _before: (now, now + lifetime))

    def window(self, name: str, seconds: float) -> Count:
        now = time.time()
        return self._raise(name, lambda before: (before.last or now, (before.last or now) + seconds))

    def _raise(self, name: str, when: Callable[[Count], tuple[float, float]]) -> Count:
        from sqlalchemy import delete, insert, select, update

        from fumehood.practices.sql.tables import writing

        engine, table = self._table()
        key, now = _short(name), time.time()
        with writing(engine, alone_for=f"counter:{key}") as connection:
            if now - self._swept > 600:
                connection.execute(delete(table).where(table.c.ends <= now))
                self._swept = now
            row = connection.execute(select(table).where(table.c.name == key)).mappings().first()
            before = Count(row["number"], row["last"]) if row and row["ends"] > now else Count()
            last, ends = when(before)
            values = {"number": before.number + 1, "last": last, "ends": ends}
            if row:
                connection.execute(update(table).where(table.c.name == key).values(values))
            else:
                connection.execute(insert(table).values(name=key, **values))
        return before

    def lower(self, name: str) -> None:
        from sqlalchemy import update

        from fumehood.practices.sql.tables import writing

        engine, table = self._table()
        with writing(engine) as connection:
            connection.execute(
                update(table)
                .where(table.c.name == _short(name), table.c.number > 0)
                .values(number=table.c.number - 1)
            )

    def clear(self, name: str) -> None:
        from sqlalchemy import delete

        from fumehood.practices.sql.tables import writing

        engine, table = self._table()
        with writing(engine) as connection:
            connection.execute(delete(table).where(table.c.name == _short(name)))


class RedisCounters:
    """Counts in Redis, one hash per name, expired by Redis itself."""

    def __init__(self, url: str) -> None:
        try:
            import redis
        except ImportError as error:
            raise ConfigurationError(
                "FUMEHOOD_STORAGE_URL names Redis, but its client is not installed: pip install 'fumehood[redis]'."
            ) from error
        try:
            self._redis: Any = redis.Redis.from_url(
                url, socket_timeout=1.0, socket_connect_timeout=1.0, decode_responses=True
            )
        except ValueError as error:
            raise ConfigurationError(f"FUMEHOOD_STORAGE_URL is not a Redis address: {error}") from error

    def read(self, name: str) -> Count:
        return _count(self._redis.hmget(_key(name), "n", "t"))

    def add(self, name: str, lifetime: float) -> Count:
        key = _key(name)
        with self._redis.pipeline(transaction=True) as pipe:
            pipe.hmget(key, "n", "t")
            pipe.hincrby(key, "n", 1)
            pipe.hset(key, "t", repr(time.time()))
            pipe.pexpire(key, int(lifetime * 1000))
            return _count(pipe.execute()[0])

    def window(self, name: str, seconds: float) -> Count:
        key = _key(name)
        with self._redis.pipeline(transaction=True) as pipe:
            pipe.hmget(key, "n", "t")
            pipe.hincrby(key, "n", 1)
            pipe.hsetnx(key, "t", repr(time.time()))
            pipe.pexpire(key, int(seconds * 1000), nx=True)
            return _count(pipe.execute()[0])

    def lower(self, name: str) -> None:
        key = _key(name)
        if int(self._redis.hget(key, "n") or 0) > 0:
            self._redis.hincrby(key, "n", -1)

    def clear(self, name: str) -> None:
        self._redis.delete(_key(name))


class FallingBack:
    """Counts in a shared place; while that cannot be reached, in this process: slower to notice an attacker, never open.

    A failure is logged and journaled once per outage; the shared place is tried again every five seconds.
    """

    def __init__(
        self,
        shared: Counters,
        installation: Installation,
        failures: Callable[[], tuple[type[Exception], ...]],
    ) -> None:
        self._shared = shared
        self._local = MemoryCounters()
        self._installation = installation
        self._failures = failures
        self._down_until = 0.0
        self._down = False

    def _ask(self, method: str, *args: Any) -> Any:
        if time.monotonic() >= self._down_until:
            try:
                answer = getattr(self._shared, method)(*args)
            except Exception as error:
                if not isinstance(error, self._failures()):
                    raise
                self._down_until = time.monotonic() + 5.0
                if not self._down:
                    self._down = True
                    current_app.logger.error(
                        "The shared counters cannot be reached (%s); each worker counts by itself until they can.",
                        type(error).__name__,
                    )
                    self._installation.record("counters.unreachable", error=type(error).__name__)
            else:
                if self._down:
                    self._down = False
                    self._installation.record("counters.reached")
                return answer
        return getattr(self._local, method)(*args)

    def read(self, name: str) -> Count:
        return self._ask("read", name)  # type: ignore[no-any-return]

    def add(self, name: str, lifetime: float) -> Count:
        return self._ask("add", name, lifetime)  # type: ignore[no-any-return]

    def window(self, name: str, seconds: float) -> Count:
        return self._ask("window", name, seconds)  # type: ignore[no-any-return]

    def lower(self, name: str) -> None:
        self._ask("lower", name)

    def clear(self, name: str) -> None:
        self._ask("clear", name)


def counters_for(installation: Installation) -> Counters:
    """Return the counters that ``FUMEHOOD_STORAGE_URL`` names.

    Raises:
        ConfigurationError: for an address of another kind, or when the client for Redis is missing.
    """
    url = installation.settings.storage_url
    if url == "memory://":
        return MemoryCounters()
    if url.startswith(("redis://", "rediss://", "unix://")):
        return FallingBack(RedisCounters(url), installation, _redis_failures)
    if url:
        raise ConfigurationError(
            "FUMEHOOD_STORAGE_URL must be empty, memory://, redis://host:port/0 or rediss://..."
        )

    return FallingBack(DatabaseCounters(installation), installation, _database_failures)


def _redis_failures() -> tuple[type[Exception], ...]:
    from redis.exceptions import RedisError

    return RedisError, OSError


def _database_failures() -> tuple[type[Exception], ...]:
    # Asked only when something failed: SQLAlchemy is not loaded at start-up for its exceptions.
    from sqlalchemy.exc import SQLAlchemyError

    return SQLAlchemyError, ConfigurationError


def _short(name: str) -> str:
    # Names hold addresses and account names; the table need not.
    return hashlib.sha256(name.encode()).hexdigest()


def _key(name: str) -> str:
    return "fumehood:count:" + _short(name)


def _count(values: list[str | None]) -> Count:
    return Count(int(values[0] or 0), float(values[1] or 0.0))
