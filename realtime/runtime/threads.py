"""The pipeline's threads: named, joined within a stated time, and none of them dies unheard."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from engines.errors import GaugeError
from realtime.core.errors import StageDied

LOG = logging.getLogger("realtime")
LOG.addHandler(
    logging.NullHandler()
)  # who embeds the gauge says where it goes; the command line has --debug
JOIN_S = 2.0  # promise: stop() joins every thread within two seconds


class WorkerThreads:
    """Starts workers and keeps the first error that one of them ended with. Owned by the main thread."""

    def __init__(self, on_failure: Callable[[], None]) -> None:
        self._threads: list[threading.Thread] = []
        self._on_failure = on_failure
        self._lock = threading.Lock()
        self._failure: BaseException | None = None

    def spawn(self, name: str, work: Callable[[], None]) -> None:
        """Run `work` in a thread called `name`."""
        # A daemon, so that a driver's call that never returns cannot keep the process from ending after stop().
        thread = threading.Thread(target=self._run, args=(name, work), name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    @property
    def running(self) -> bool:
        """Whether any thread is still running."""
        return any(thread.is_alive() for thread in self._threads)

    def join(self, within_s: float = JOIN_S) -> list[str]:
        """Wait for all threads, `within_s` in total; the names of those still running come back."""
        until_s = time.monotonic() + within_s
        for thread in self._threads:
            thread.join(max(0.0, until_s - time.monotonic()))
        return [thread.name for thread in self._threads if thread.is_alive()]

    def raise_failure(self) -> None:
        """Raise here what a worker raised: its own error if a user can read it, else `StageDied` with the cause."""
        failure = self.failure
        if failure is not None:
            raise failure

    @property
    def failure(self) -> BaseException | None:
        """What `raise_failure` would raise."""
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
    died = StageDied(
        f"the {name} stage died: {type(error).__name__}: {error}. Run again with --debug for the traceback"
    )
    died.__cause__ = error
    return died
