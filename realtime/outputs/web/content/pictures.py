"""Newest picture as JPEG, encoded once for all who watch, in a thread of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from realtime.core.snapshot import Snapshot

PICTURE_HZ = 15.0
QUALITY = 80
BOUNDARY = "picture"


class Pictures:
    """Pictures of the newest snapshot, the face's box and points drawn in.

    Owned by the event loop's thread; `close` ends the encoding thread.
    """

    def __init__(self, newest: Callable[[], Snapshot | None]) -> None:
        self._newest = newest
        self._encoder = ThreadPoolExecutor(1, "web-pictures")
        self._encoding: asyncio.Task[tuple[int, bytes]] | None = None
        self._last: tuple[int, bytes] = -1, b""

    async def newest(self) -> tuple[int, bytes]:
        """Return the index of the newest frame and its JPEG; -1 and nothing before the first.

        Those who ask while a picture is encoded share it.
        """
        if self._encoding is None or self._encoding.done():
            self._encoding = asyncio.create_task(self._encode())
        return await asyncio.shield(self._encoding)

    def close(self) -> None:
        """End the encoding thread; does not wait for it."""
        self._encoder.shutdown(cancel_futures=True)  # waits for one picture, milliseconds

    async def _encode(self) -> tuple[int, bytes]:
        snapshot = self._newest()
        if snapshot is None or snapshot.frame is None or snapshot.frame.index == self._last[0]:
            return self._last
        loop = asyncio.get_running_loop()
        jpeg = await loop.run_in_executor(self._encoder, encode_jpeg, snapshot)
        self._last = snapshot.frame.index, jpeg
        return self._last


def encode_jpeg(snapshot: Snapshot) -> bytes:
    """Return the snapshot's frame with box and points, at most 1280x720, as JPEG.

    Raises ValueError without a frame.
    """
    import cv2

    from realtime.view.window.overlay import draw_overlay, fit_frame

    if snapshot.frame is None:
        raise ValueError("this snapshot has no frame")
    place = fit_frame(*snapshot.frame.size_px)
    seen = draw_overlay(snapshot)[: place.height_px, place.left_px :][:, : place.width_px]
    encoded, jpeg = cv2.imencode(".jpg", seen, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    if not encoded:
        raise ValueError(f"OpenCV encodes no JPEG of {seen.shape}")
    return jpeg.tobytes()


def multipart(jpeg: bytes) -> bytes:
    """Return one part of the stream `multipart/x-mixed-replace; boundary=BOUNDARY`."""
    header = f"--{BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
    return header.encode() + jpeg + b"\r\n"
