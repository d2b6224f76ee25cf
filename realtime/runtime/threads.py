"""Worker threads: named, joined within a bound; the first failure reaches the main thread."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from engines.errors import GaugeError
from realtime.core.errors import StageDied

LOG = logging.getLogger("realtime")
LOG.addHandler(logging.NullHandler())  # applications configure logging; the CLI has --debug
JOIN_S = 2.0  # promise: stop() joins every thread within two seconds


class WorkerThreads:
    """Worker threads and the first error among them. Owned by the main thread."""

    def __init__(self, on_failure: Callable[[], None]) -> None:
        self._threads: list[threading.Thread] = []
        self._on_failure = on_failure
        self._lock = threading.Lock()
        self._failure: BaseException | None = None

    def spawn(self, name: str, work: Callable[[], None]) -> None:
        """Run `work` in a thread called `name`."""
        # A daemon thread: a driver call that never returns must not block the process exit.
        thread = threading.Thread(target=self._run, args=(name, work), name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    @property
    def running(self) -> bool:
        """Return whether any thread is still running."""
        return any(thread.is_alive() for thread in self._threads)

    def join(self, within_s: float = JOIN_S) -> list[str]:
        """Wait for all threads, `within_s` in total; return the names of those still running."""
        until_s = time.monotonic() + within_s
        for thread in self._threads:
            thread.join(max(0.0, until_s - time.monotonic()))
        return [thread.name for thread in self._threads if thread.is_alive()]

    def raise_failure(self) -> None:
        """Raise the first error: a `GaugeError` as it is, any other as the cause of `StageDied`."""
        failure = self.failure
        if failure is not None:
            raise failure

    @property
    def failure(self) -> BaseException | None:
        """Return what `raise_failure` raises; None without a failure."""
        with self._lock:
            return self._failure

    def _run(self, name: str, work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:
            with self._lock:
                self._failure = self._failure or _user_error(name, error)
            self._on_failure()


def _user_error(name: str, error: BaseException) -> BaseException:
    if isinstance(error, GaugeError):
        return error
    LOG.error("the %s stage died", name, exc_info=error)
    details = f"{type(error).__name__}: {error}"
    died = StageDied(f"the {name} stage died: {details}. Run again with --debug for the traceback")
    died.__cause__ = error
    return died
