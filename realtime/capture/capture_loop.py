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
    counter: FrameCounter,
    stop: threading.Event,
    tracer: Tracer = NO_TRACING,
) -> None:
    """Read `source` into `mailbox` until it ends or `stop` is set; raises the source's errors. Owned by its thread.

    Opens and closes the source, and closes the mailbox whatever happens. To end a read that waits, set `stop` and then
    call `source.interrupt()`. Lossless waits for room in the mailbox; otherwise the newest frame wins.
    """
    try:
        with source:
            for frame in _in_order(_read_frames(source, counter, stop, tracer), counter):
                if not _deliver(frame, mailbox, lossless, counter, stop):
                    return
    finally:
        mailbox.close()


def _read_frames(
    source: Source, counter: FrameCounter, stop: threading.Event, tracer: Tracer
) -> Iterator[Frame]:
    """The source's frames, with those that it skipped on the way counted."""
    known: Counter[str] = Counter()
    while not stop.is_set():
        try:
            with tracer.span(SOURCE):
                frame = source.read()
        finally:
            for reason, frames in (source.skipped - known).items():
                counter.count_skipped(reason, frames)
            known = source.skipped.copy()
        if frame is None:
            return
        counter.count_captured()
        yield frame


def _in_order(frames: Iterator[Frame], counter: FrameCounter) -> Iterator[Frame]:
    """Only frames whose index and time go forward: nothing is judged twice, and no timestamp goes back."""
    last: Frame | None = None
    for frame in frames:
        reason = _disorder(last, frame) if last else ""
        if reason:
            counter.count_dropped(reason)
        else:
            last = frame
            yield frame


def _disorder(last: Frame, frame: Frame) -> str:
    if frame.index < last.index or frame.captured_at_s < last.captured_at_s:
        return BACK_IN_TIME
    if frame.index == last.index or frame.captured_at_s == last.captured_at_s:
        return REPEATED
    return ""


def _deliver(
    frame: Frame,
    mailbox: Mailbox[Frame],
    lossless: bool,
    counter: FrameCounter,
    stop: threading.Event,
) -> bool:
    """Whether there is anyone left to hand frames to."""
    if lossless:
        if _wait_for_room(frame, mailbox, stop):
            return True
        counter.count_dropped(STOPPED)
        return False
    displaced = mailbox.put(frame)
    if displaced is not None:
        counter.count_dropped(STOPPED if displaced is frame else NEWER_FRAME)
    return displaced is not frame


def _wait_for_room(frame: Frame, mailbox: Mailbox[Frame], stop: threading.Event) -> bool:
    while not stop.is_set() and not mailbox.closed:
        if mailbox.put_blocking(frame, SLICE_S):
            return True
    return False
