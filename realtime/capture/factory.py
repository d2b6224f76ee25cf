"""Specification and creation of sources."""

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
    """Camera (N or /dev/videoN), file, URL or demo; camera 0 by default.

    `size_px` and `hz` are requested from a camera; for a file, `hz` replaces the rate that it
    declares. `stream` chooses among the picture streams of a file or address, `playback` a part of
    a file.
    """

    camera: int | str | None = None
    replay: Path | None = None
    url: str | None = field(default=None, repr=False)  # may contain a password
    demo: bool = False
    size_px: tuple[int, int] | None = None
    hz: float | None = None
    stream: int | None = None
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
            scheme, separator, rest = self.url.partition(":")
            object.__setattr__(self, "url", scheme.lower() + separator + rest)
        if self.camera is None and self.size_px is not None:
            raise UsageError(
                "--size applies to cameras only; files and streams have a fixed size. Leave it out"
            )
        if self.url is not None and self.hz is not None:
            raise UsageError(
                "--rate applies to cameras and files; a stream has its own. Leave it out"
            )
        if self.camera is not None and self.stream is not None:
            raise UsageError(
                "--stream applies to files and addresses; a camera has one. Leave it out"
            )
        if not self.finite and self.playback != WHOLE_FILE:
            raise UsageError(
                "--from, --to, --loop and --speed need a file. Use them with --replay or --demo"
            )

    @property
    def finite(self) -> bool:
        """Whether the source has an end, so that it can be read without pacing or loss."""
        return self.replay is not None or self.demo


def create_source(
    spec: SourceSpec,
    clock: Clock,
    lossless: bool = False,
    fast: bool = False,
    recovering: bool = True,
) -> Source:
    """Return the unopened source of `spec`; `lossless` and `fast` (no pacing) need a file.

    Raises `UsageError`. With `recovering`, lost cameras and streams are reopened during the run.
    """
    for option, asked in (("--lossless", lossless), ("--fast", fast)):
        if asked and not spec.finite:
            raise UsageError(
                f"{option} needs a file: cameras and streams do not wait. "
                "Use it with --replay or --demo"
            )
    if fast and spec.playback.speed != 1:
        raise UsageError("--fast disables pacing, so --speed has no effect with it. Leave one out")
    # OpenCV takes a third of a second to load: import it only when a source is created.
    if spec.replay is not None:
        from realtime.capture.video_file import FileFormat, VideoFile

        file_format = FileFormat(spec.stream, spec.hz)
        return VideoFile(spec.replay, not fast, clock, spec.playback, file_format)
    if spec.demo:
        from realtime.capture.demo import DemoClip

        return DemoClip(not fast, clock, spec.playback)
    from realtime.capture.live.reconnect import ReconnectingSource

    live = _live(spec, clock)
    return ReconnectingSource(live, clock) if recovering else live


def _live(spec: SourceSpec, clock: Clock) -> Source:
    if spec.url is not None:
        from realtime.capture.live.network_stream import NetworkStream

        return NetworkStream(spec.url, clock, spec.stream)
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
    if not url.isascii() or not url.isprintable():  # OpenCV crashes on some of these
        raise UsageError("--url has characters not allowed in an address; write them as %XX")
    scheme, host = "", None
    try:
        parts = urlsplit(url)
        scheme, host = parts.scheme, parts.hostname
    except ValueError:
        pass  # the address is not printed: it may contain a password
    if scheme not in SCHEMES or not host:
        raise UsageError(
            f"--url has scheme {scheme!r} and {'a' if host else 'no'} host; "
            "want rtsp://... or http://..."
        )
