"""Which source the user asked for, and how to make it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from realtime.capture.playback import WHOLE_FILE, PlaybackRange
from realtime.capture.source import Source
from realtime.core.clock import Clock
from realtime.core.errors import UsageError

SCHEMES = ("rtsp", "rtsps", "http", "https")


@dataclass(frozen=True, slots=True)
class SourceSpec:
    """One of a camera (N, or a path such as /dev/videoN), a file, an address, the demo; camera 0 if none is named.

    `size_px` and `hz` are what a camera is asked for, `cut` is the part of a file.
    """

    camera: int | str | None = None
    replay: Path | None = None
    url: str | None = field(default=None, repr=False)  # may carry a password
    demo: bool = False
    size_px: tuple[int, int] | None = None
    hz: float | None = None
    playback: PlaybackRange = WHOLE_FILE

    def __post_init__(self) -> None:
        named = {
            "--camera": self.camera,
            "--replay": self.replay,
            "--url": self.url,
            "--demo": self.demo or None,
        }
        asked = [option for option, value in named.items() if value is not None]
        if len(asked) > 1:
            raise UsageError(f"{' and '.join(asked)} exclude each other; choose one")
        if self.camera is not None or not asked:
            object.__setattr__(self, "camera", _camera(0 if self.camera is None else self.camera))
        if self.url is not None:
            _check_url(self.url)
        if self.camera is None and (self.size_px is not None or self.hz is not None):
            raise UsageError(
                "--size and --rate ask a camera: files and streams come as they are. Leave them out"
            )
        if not self.finite and self.playback != WHOLE_FILE:
            raise UsageError(
                "--from, --to, --loop and --speed need a file. Use them with --replay or --demo"
            )

    @property
    def finite(self) -> bool:
        """Whether it has an end, so that it can be read without pacing or loss."""
        return self.replay is not None or self.demo


def create_source(
    spec: SourceSpec,
    clock: Clock,
    lossless: bool = False,
    fast: bool = False,
    recovering: bool = True,
) -> Source:
    """The source that `spec` names, not open yet; `lossless` and `fast` (no pacing) with no file are a `UsageError`.

    A camera or stream that is lost is opened again for as long as the run lasts, unless it is not `recovering`.
    """
    for option, asked in (("--lossless", lossless), ("--fast", fast)):
        if asked and not spec.finite:
            raise UsageError(
                f"{option} needs a file: cameras and streams do not wait. Use it with --replay or --demo"
            )
    if fast and spec.playback.speed != 1:
        raise UsageError(
            "--fast does not wait for any pace, so --speed means nothing with it. Leave one out"
        )
    # OpenCV takes a third of a second to load: only once a source is really wanted.
    if spec.replay is not None:
        from realtime.capture.video_file import VideoFile

        return VideoFile(spec.replay, not fast, clock, spec.playback)
    if spec.demo:
        from realtime.capture.demo import DemoClip

        return DemoClip(not fast, clock, spec.playback)
    from realtime.capture.live.reconnect import ReconnectingSource

    live = _live(spec, clock)
    return ReconnectingSource(live, clock) if recovering else live


def _live(spec: SourceSpec, clock: Clock) -> Source:
    if spec.url is not None:
        from realtime.capture.live.network_stream import NetworkStream

        return NetworkStream(spec.url, clock)
    from realtime.capture.live.camera import Camera

    assert spec.camera is not None
    return Camera(spec.camera, clock, spec.size_px, spec.hz)


def _camera(named: int | str) -> int | str:
    text = str(named)
    if re.fullmatch(r"[0-9]{1,4}", text):
        return int(text)
    if text.startswith("/dev/"):
        return text
    raise UsageError(
        f"--camera is {text!r}; want a number such as 0, or a device such as /dev/video0"
    )


def _check_url(url: str) -> None:
    if (
        not url.isascii() or not url.isprintable()
    ):  # OpenCV crashes on some of what is no proper text
        raise UsageError("--url holds characters that no address may; write them as %XX")
    scheme, host = "", None
    try:
        parts = urlsplit(url)
        scheme, host = parts.scheme, parts.hostname
    except ValueError:
        pass  # the address itself is not shown: it may carry a password
    if scheme not in SCHEMES or not host:
        raise UsageError(
            f"--url has scheme {scheme!r} and {'a' if host else 'no'} host; want rtsp://... or http://..."
        )
