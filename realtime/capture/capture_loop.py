"""The capture thread: reads the source, lets only frames through that go forward in time, and hands them on."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator

from realtime.capture.frame_counter import (
    BACK_IN_TIME,
    NEWER_FRAME,
    REPEATED,
    STOPPED,
    FrameCounter,
)
from realtime.capture.source import Source
from realtime.core.mailbox import Mailbox
from realtime.core.messages import Frame
from realtime.core.tracing import NO_TRACING, SOURCE, Tracer

SLICE_S = 0.1  # how long a wait for room lasts before `stop` is looked at again


def capture_frames(
    source: Source,
    mailbox: Mailbox[Frame],
    lossless: bool,
    tally: FrameCounter,
    stop: threading.Event,
    spans: Tracer = NO_TRACING,
) -> None:
    """Read `source` into `mailbox` until it ends or `stop` is set; raises the source's errors. Owned by its thread.

    Opens and closes the source, and closes the mailbox whatever happens. To end a read that waits, set `stop` and then
    call `source.interrupt()`. Lossless waits for room in the mailbox; otherwise the newest frame wins.
    """
    try:
        with source:
            for frame in _forward(_arriving(source, tally, stop, spans), tally):
                if not _hand_on(frame, mailbox, lossless, tally, stop):
                    return
    finally:
        mailbox.close()


def _arriving(
    source: Source, tally: FrameCounter, stop: threading.Event, spans: Tracer
) -> Iterator[Frame]:
    """The source's frames, with those that it skipped on the way counted."""
    known: Counter[str] = Counter()
    while not stop.is_set():
        try:
            with spans.span(SOURCE):
                frame = source.read()
        finally:
            for reason, frames in (source.skipped - known).items():
                tally.count_skipped(reason, frames)
            known = source.skipped.copy()
        if frame is None:
            return
        tally.count_captured()
        yield frame


def _forward(frames: Iterator[Frame], tally: FrameCounter) -> Iterator[Frame]:
    """Only frames whose index and time go forward: nothing is judged twice, and no timestamp goes back."""
    last: Frame | None = None
    for frame in frames:
        reason = _disorder(last, frame) if last else ""
        if reason:
            tally.count_dropped(reason)
        else:
            last = frame
            yield frame


def _disorder(last: Frame, frame: Frame) -> str:
    if frame.index < last.index or frame.captured_at_s < last.captured_at_s:
        return BACK_IN_TIME
    if frame.index == last.index or frame.captured_at_s == last.captured_at_s:
        return REPEATED
    return ""


def _hand_on(
    frame: Frame,
    mailbox: Mailbox[Frame],
    lossless: bool,
    tally: FrameCounter,
    stop: threading.Event,
) -> bool:
    """Whether there is anyone left to hand frames to."""
    if lossless:
        if _wait_for_room(frame, mailbox, stop):
            return True
        tally.count_dropped(STOPPED)
        return False
    displaced = mailbox.put(frame)
    if displaced is not None:
        tally.count_dropped(STOPPED if displaced is frame else NEWER_FRAME)
    return displaced is not frame


def _wait_for_room(frame: Frame, mailbox: Mailbox[Frame], stop: threading.Event) -> bool:
    while not stop.is_set() and not mailbox.closed:
        if mailbox.put_blocking(frame, SLICE_S):
            return True
    return False
