"""The OpenCV window. Everything here belongs to the main thread: OpenCV draws nowhere else."""

from __future__ import annotations

from types import TracebackType
from typing import Self

import cv2

from realtime.core.messages import Image

_TITLE = "Genuine or fake?"
_QUIT = "q"


class GaugeWindow:
    """A window between `__enter__` and `__exit__`. Make one only where `display.display_available` says yes."""

    def __enter__(self) -> Self:
        cv2.namedWindow(_TITLE, cv2.WINDOW_AUTOSIZE | cv2.WINDOW_GUI_NORMAL)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        cv2.destroyAllWindows()
        cv2.waitKey(1)  # lets the window go before the process does anything long

    def show(self, picture: Image) -> str | None:
        """Show `picture` (BGR); the key pressed meanwhile in lower case, "q" once the window was closed, or None."""
        cv2.imshow(_TITLE, picture)
        code = cv2.waitKey(1)
        if not _is_open():
            return _QUIT
        return chr(code & 0xFF).lower() if code >= 0 else None


def _is_open() -> bool:
    try:
        return cv2.getWindowProperty(_TITLE, cv2.WND_PROP_VISIBLE) >= 1
    except cv2.error:  # Qt's answer once its last window is gone
        return False
