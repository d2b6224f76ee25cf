"""Thread whose calls into a driver or the network may never return."""

from __future__ import annotations

import threading
from collections.abc import Callable


class AbandonableThread:
    """Daemon thread that runs `run`: if it hangs, it does not keep the process alive."""

    def __init__(self, run: Callable[[], None], name: str) -> None:
        self._abandoned = False
        self._thread = threading.Thread(target=run, name=name, daemon=True)

    def start(self) -> None:
        """Start the thread; call once."""
        self._thread.start()

    def join(self, timeout_s: float) -> bool:
        """Wait for the thread, if it was started, and return whether it ended.

        One that hangs is waited for once only, so that a second close loses no time.
        """
        if self._thread.ident is not None:
            self._thread.join(0.0 if self._abandoned else timeout_s)
        self._abandoned = self._thread.is_alive()
        return not self._abandoned
