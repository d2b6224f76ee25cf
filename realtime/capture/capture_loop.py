"""Capture thread: reads a source and delivers only frames that advance in time."""

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

SLICE_S = 0.1  # longest wait for a free slot before `stop` is checked again


def capture_frames(
    source: Source,
    mailbox: Mailbox[Frame],
    lossless: bool,
    counter: FrameCounter,
    stop: threading.Event,
    tracer: Tracer = NO_TRACING,
) -> None:
    """Read `source` into `mailbox` until it ends or `stop` is set; raise the source's errors.

    Runs in the capture thread, opens and closes the source, and always closes the mailbox. To end a
    blocked read, set `stop`, then call `source.interrupt()`. Lossless waits for a free slot;
    otherwise the newest frame replaces the older one.
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
    """Yield the source's frames and count those that it skipped."""
    counted: Counter[str] = Counter()
    while not stop.is_set():
        try:
            with tracer.span(SOURCE):
                frame = source.read()
        finally:
            for reason, frames in (source.skipped - counted).items():
                counter.count_skipped(reason, frames)
            counted = source.skipped.copy()
        if frame is None:
            return
        counter.count_captured()
        yield frame


def _in_order(frames: Iterator[Frame], counter: FrameCounter) -> Iterator[Frame]:
    """Yield only frames whose index and time increase: no frame is judged twice."""
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
    """Deliver `frame` and return whether the mailbox still accepts frames."""
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
