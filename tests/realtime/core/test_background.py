from __future__ import annotations

import threading

import pytest

from engines.errors import GaugeError
from realtime.core.background import MOST_WAITING, Background

WAIT_S = 10.0


class Slow:
    """Doubles a number when it may."""

    def __init__(self, waits: bool = True) -> None:
        self.asked, self.go_on = threading.Semaphore(0), threading.Semaphore(0)
        self.waits, self.released = waits, False

    def answer(self, question: int) -> int:
        self.asked.release()
        if self.waits:
            assert self.go_on.acquire(timeout=WAIT_S)
        if self.released:
            raise GaugeError("it was released")
        return 2 * question

    def release(self) -> None:
        self.released = True
        self.go_on.release()


class Run:
    """A thread that runs the calls, and what they raised."""

    def __init__(self, slow: Slow) -> None:
        self.calls = Background(slow.answer, slow.release)
        self.failures = list[BaseException]()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def join(self) -> None:
        self.thread.join(WAIT_S)
        assert not self.thread.is_alive()

    def _run(self) -> None:
        try:
            self.calls.run()
        except BaseException as error:
            self.failures.append(error)


def test_the_newest_question_wins_and_says_that_it_replaced_one() -> None:
    slow = Slow()
    run = Run(slow)
    run.calls.submit(1)
    assert slow.asked.acquire(timeout=WAIT_S)  # the first is being answered
    assert [run.calls.submit(question) for question in (2, 3, 4)] == [False, True, True]
    assert run.calls.take() == []
    slow.go_on.release()
    assert slow.asked.acquire(timeout=WAIT_S)
    assert run.calls.take() == [2]
    slow.go_on.release()
    run.calls.submit(5)
    assert slow.asked.acquire(timeout=WAIT_S)
    assert run.calls.take() == [8]
    run.calls.close()
    run.join()
    assert run.failures == []


def test_closing_ends_a_call_without_an_error_and_refuses_questions() -> None:
    slow = Slow()
    run = Run(slow)
    run.calls.submit(1)
    assert slow.asked.acquire(timeout=WAIT_S)
    run.calls.close()
    run.join()
    assert not run.calls.submit(2)
    assert (run.failures, run.calls.take()) == ([], [])


def test_an_error_ends_the_thread_with_it() -> None:
    slow = Slow(waits=False)
    slow.released = True
    calls = Background(slow.answer, slow.release)
    calls.submit(1)
    with pytest.raises(GaugeError, match="it was released"):
        calls.run()


def test_answers_that_nobody_takes_are_bounded() -> None:
    slow = Slow(waits=False)
    run = Run(slow)
    for question in range(MOST_WAITING + 5):
        run.calls.submit(question)
        assert slow.asked.acquire(timeout=WAIT_S)
    run.calls.close()
    run.join()
    assert 1 <= len(run.calls.take()) <= MOST_WAITING
