"""Network stream source: RTSP, MJPEG over HTTP, and other addresses that FFmpeg reads."""

from __future__ import annotations

import re

import cv2

from realtime.capture.live.live_source import LOST_S, LiveSource
from realtime.capture.opencv import MAX_PIXELS, silence_opencv, too_large
from realtime.core.clock import Clock
from realtime.core.errors import SourceError, SourceLost, StreamUnreachable

OPEN_TIMEOUT_S = 5.0
READ_TIMEOUT_S = LOST_S + 1.0  # after LOST_S; FFmpeg's limit only ends the device thread
FAILING_S = 1.0  # a lost packet fails reads briefly; at the end they fail forever
SHORT_S = 1.0  # tolerance at the declared end of a file


class NetworkStream(LiveSource):
    """Video at `url` with arrival times. `name` is the address without credentials.

    OpenCV does not report why reads fail. A stream ends at its declared duration; it is lost if it
    falls silent, stops early, or has no declared duration, since live streams have no end.
    """

    kind = "stream"
    failures_are_frames = True

    def __init__(self, url: str, clock: Clock) -> None:
        super().__init__(FAILING_S, clock)
        self.name = mask_password(url)
        self._url = url

    def _connect(self) -> cv2.VideoCapture:
        silence_opencv(secret=True)
        limits = {
            cv2.CAP_PROP_OPEN_TIMEOUT_MSEC: OPEN_TIMEOUT_S,
            cv2.CAP_PROP_READ_TIMEOUT_MSEC: READ_TIMEOUT_S,
        }
        device = cv2.VideoCapture(
            self._url,
            cv2.CAP_FFMPEG,
            [n for key, limit_s in limits.items() for n in (key, int(limit_s * 1000))],
        )
        if not device.isOpened():
            raise StreamUnreachable(
                f"{self.name} gave no video within {OPEN_TIMEOUT_S:g} s. "
                "Check the address, the sender, the password"
            )
        if declared := too_large(device):
            device.release()
            raise StreamUnreachable(
                f"{self.name} declares {declared}; the most is {MAX_PIXELS / 1e6:.0f} million"
            )
        return device

    def _silent(self) -> SourceError:
        return StreamUnreachable(
            f"{self.name} answers, but sends no picture. Does it play elsewhere?"
        )

    def _ended(self, closed: bool) -> SourceError | None:
        if not closed:
            return SourceLost(
                f"{self.name} sent no picture for {LOST_S:g} s. Check the network and the sender"
            )
        declared_s, position_s = self._device_thread.declared_s, self._device_thread.position_s
        if declared_s:
            if position_s >= declared_s - SHORT_S:
                return None
            return SourceLost(
                f"{self.name} broke off after {position_s:.1f} of {declared_s:.1f} s. "
                "Check the network"
            )
        return SourceLost(f"{self.name} closed the connection. Check the sender")


def mask_password(url: str) -> str:
    """Return `url` without user, password, query or fragment, safe to print.

    Passwords may contain any character, so everything up to the last @ is removed, and everything
    from the first query delimiter.
    """
    scheme, _, rest = url.partition("://")
    _user, at, rest = rest.rpartition("@")
    head, *tail = re.split(r"[?#&;=]", rest, maxsplit=1)
    return f"{scheme}://{'***@' if at else ''}{head}{'?***' if tail else ''}"
