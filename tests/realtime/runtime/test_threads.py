from __future__ import annotations

import logging
import threading

import pytest

from realtime.core.errors import SourceLost, StageDied
from realtime.runtime.threads import WorkerThreads

BOUND_S = 30.0  # only reached when something is broken


def failing(error: BaseException):
    def work() -> None:
        raise error

    return work


def run(*works) -> tuple[WorkerThreads, list[str]]:
    """Run each of `works` to its end, one after the other; return the calls of `on_failure`."""
    failures: list[str] = []
    threads = WorkerThreads(lambda: failures.append("failed"))
    for number, work in enumerate(works):
        threads.spawn(f"stage-{number}", work)
        assert threads.join(BOUND_S) == []
    return threads, failures


def test_work_runs_in_a_daemon_thread_of_its_name() -> None:
    found: list[threading.Thread] = []
    threads, failures = run(lambda: found.append(threading.current_thread()))
    assert [(thread.name, thread.daemon) for thread in found] == [("stage-0", True)]
    assert (threads.failure, failures, threads.running) == (None, [], False)
    threads.raise_failure()


def test_an_error_of_the_gauge_is_raised_as_it_is() -> None:
    error = SourceLost("camera 0 is gone; plug it in again")
    threads, failures = run(failing(error))
    assert failures == ["failed"]
    with pytest.raises(SourceLost) as caught:
        threads.raise_failure()
    assert caught.value is error


def test_any_other_error_is_the_cause_of_a_one_line_error_and_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.ERROR, "realtime"):
        threads, _ = run(failing(ZeroDivisionError("broken eyes")))
    with pytest.raises(StageDied, match="stage-0 stage died: ZeroDivisionError: broken") as caught:
        threads.raise_failure()
    assert isinstance(caught.value.__cause__, ZeroDivisionError)
    assert "\n" not in str(caught.value)
    assert "Traceback" in caplog.text


def test_the_first_of_several_failures_is_reported() -> None:
    first, second = SourceLost("first"), SourceLost("second")
    threads, failures = run(failing(first), failing(second))
    assert threads.failure is first
    assert failures == ["failed", "failed"]


def test_a_thread_that_does_not_end_is_named_within_the_bound() -> None:
    release, threads = threading.Event(), WorkerThreads(lambda: None)
    threads.spawn("hanging", lambda: release.wait(BOUND_S) and None)
    threads.spawn("done", lambda: None)
    assert threads.join(0.05) == ["hanging"]
    assert threads.running
    release.set()
    assert threads.join(BOUND_S) == []


def test_the_bound_is_shared_by_all_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    release, threads, waits_s = threading.Event(), WorkerThreads(lambda: None), list[float]()
    for name in ("one", "two", "three"):
        threads.spawn(name, lambda: release.wait(BOUND_S) and None)
    now_s = iter([0.0, 0.0, 1.5, 3.0])
    monkeypatch.setattr("realtime.runtime.threads.time.monotonic", lambda: next(now_s))
    monkeypatch.setattr(threading.Thread, "join", lambda self, bound_s: waits_s.append(bound_s))
    threads.join(2.0)
    monkeypatch.undo()
    release.set()
    assert threads.join(BOUND_S) == []
    assert waits_s == [2.0, 0.5, 0.0]
