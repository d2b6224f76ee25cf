"""OpenCV window. Owned by the main thread, the only one on which OpenCV draws."""

from __future__ import annotations

from typing import Self

import cv2

from realtime.core.messages import Image
from realtime.view.window.display_check import load_system_x11_xcb
from realtime.view.words.catalogue import text

_QUIT = "q"


class GaugeWindow:
    """Window open between `__enter__` and `__exit__`; check `display_available` first."""

    def __enter__(self) -> Self:
        load_system_x11_xcb()
        cv2.namedWindow(text("title"), cv2.WINDOW_AUTOSIZE | cv2.WINDOW_GUI_NORMAL)
        return self

    def __exit__(self, *error: object) -> None:
        cv2.destroyAllWindows()
        cv2.waitKey(1)  # closes the window before any long work of the process

    def show(self, picture: Image) -> str | None:
        """Show `picture` (BGR); return the lower-case key pressed, "q" once closed, or None."""
        cv2.imshow(text("title"), picture)
        code = cv2.waitKey(1)
        if not _is_open():
            return _QUIT
        return chr(code & 0xFF).lower() if code >= 0 else None


def _is_open() -> bool:
    try:
        return cv2.getWindowProperty(text("title"), cv2.WND_PROP_VISIBLE) >= 1
    except cv2.error:  # Qt raises once its last window is gone
        return False
