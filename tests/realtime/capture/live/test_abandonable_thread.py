from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from realtime.capture.live.abandonable_thread import AbandonableThread

WAIT_S = 10.0
FOREVER_S = 1e6


@pytest.fixture
def release() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


def test_one_that_ends_is_waited_for() -> None:
    ended = threading.Event()
    thread = AbandonableThread(ended.set, "reader")
    thread.start()
    assert thread.join(WAIT_S)
    assert ended.is_set()
    assert thread.join(WAIT_S)


def test_one_that_was_never_started_has_ended() -> None:
    assert AbandonableThread(lambda: None, "reader").join(WAIT_S)


def test_one_that_hangs_is_waited_for_once_only(release: threading.Event) -> None:
    thread, ended = AbandonableThread(lambda: _wait(release), "reader"), list[bool]()
    thread.start()
    assert not thread.join(0.0)
    second = threading.Thread(target=lambda: ended.append(thread.join(FOREVER_S)), daemon=True)
    second.start()
    second.join(WAIT_S)
    assert ended == [False]


def _wait(release: threading.Event) -> None:
    release.wait(FOREVER_S)


def test_it_does_not_keep_the_process_alive(release: threading.Event) -> None:
    AbandonableThread(lambda: _wait(release), "named reader").start()
    assert [one.daemon for one in threading.enumerate() if one.name == "named reader"] == [True]
