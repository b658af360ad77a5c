"""Takes a request's scope along where its work goes on in another thread, which starts with a context of its own."""

from __future__ import annotations

import concurrent.futures.thread as pool
import threading
from typing import Any

import wrapt

from fumehood.engines.sinks.watch import Scope, active

__all__ = ["wrap_threads"]

_lock = threading.Lock()
_done = threading.Event()


def wrap_threads() -> None:
    """Wrap the starts of threads and the tasks of pools. Once per process."""
    with _lock:
        if _done.is_set():
            return
        _done.set()
    wrapt.wrap_function_wrapper(threading, "Thread.start", _start)
    wrapt.wrap_function_wrapper(pool, "ThreadPoolExecutor.submit", _submit)
    wrapt.register_post_import_hook(_wrap_multiprocessing, "multiprocessing.pool")


def _start(wrapped: Any, instance: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    scope = active.get()
    # A pool's thread serves whoever comes next: each of its tasks brings a scope of its own.
    if scope is not None and getattr(instance, "_target", None) is not pool._worker:
        instance.run = _within(scope.carried(), instance.run)
    return wrapped(*args, **kwargs)


def _submit(wrapped: Any, _instance: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    scope = active.get()
    if scope is not None and args:
        args = (_within(scope.carried(), args[0]), *args[1:])
    return wrapped(*args, **kwargs)


def _within(scope: Scope, function: Any) -> Any:
    def run(*args: Any, **kwargs: Any) -> Any:
        token = active.set(scope)
        try:
            return function(*args, **kwargs)
        finally:
            active.reset(token)

    return run


def _wrap_multiprocessing(loaded: Any) -> None:
    """``ThreadPool`` of multiprocessing: its tasks are functions; a ``Pool`` of processes must pickle them, and is left alone."""

    def before(wrapped: Any, instance: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        scope = active.get()
        if scope is not None and args and isinstance(instance, loaded.ThreadPool):
            args = (_within(scope.carried(), args[0]), *args[1:])
        return wrapped(*args, **kwargs)

    for name in ("apply_async", "_map_async", "imap", "imap_unordered"):
        wrapt.wrap_function_wrapper(loaded, f"Pool.{name}", before)
