from __future__ import annotations

import os
import signal
import threading

import psutil
import pytest

from realtime.core import child_process
from realtime.core.child_process import ChildProcess, ChildProgram
from realtime.core.errors import StageDied

WAIT_S = 30.0
ECHO = "def answer(question): return question + sys.argv[2].encode()"
HANGS = "import time\ndef answer(question): time.sleep(3600)"


def child_of(source: str) -> ChildProcess:
    return ChildProcess(ChildProgram("echoes", source, "!", 4, 5))


def test_questions_are_answered_in_turn() -> None:
    child = child_of(ECHO)
    assert [child.ask(question) for question in (b"abcd", b"efgh")] == [b"abcd!", b"efgh!"]
    assert child.pid is not None
    assert psutil.Process(child.pid).nice() == psutil.Process().nice() + 5
    child.close()


def test_no_child_is_started_before_the_first_question_and_none_after_close() -> None:
    child = child_of(ECHO)
    assert child.pid is None
    child.close()
    with pytest.raises(StageDied, match="the process that echoes has been closed"):
        child.ask(b"abcd")
    assert child.pid is None


def test_a_question_of_another_size_is_refused_before_the_child_waits_for_the_rest() -> None:
    with pytest.raises(ValueError, match="3 bytes asked, not 4"):
        child_of(ECHO).ask(b"abc")


def test_a_child_that_ends_is_one_line() -> None:
    child = child_of("raise SystemExit(3)")
    with pytest.raises(StageDied, match=r"echoes ended \(exit code 3\)\. Run again; .*`pip insta"):
        child.ask(b"abcd")
    child.close()


def test_a_child_that_is_killed_is_one_line() -> None:
    child = child_of(ECHO)
    child.ask(b"abcd")
    assert child.pid is not None
    os.kill(child.pid, signal.SIGKILL)
    with pytest.raises(StageDied, match=r"ended \(exit code -9\)"):
        child.ask(b"abcd")
    child.close()


def test_a_child_that_hangs_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child_process, "ANSWER_S", 0.1)
    child = child_of(HANGS)
    with pytest.raises(StageDied, match=r"ended \(exit code -9\)"):
        child.ask(b"abcd")
    child.close()


def test_close_ends_a_question_that_waits() -> None:
    child, ended = child_of(HANGS), threading.Event()

    def ask() -> None:
        with pytest.raises(StageDied):
            child.ask(b"abcd")
        ended.set()

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    while (pid := child.pid) is None and thread.is_alive():
        thread.join(0.01)
    child.close()
    assert ended.wait(WAIT_S)
    assert pid is not None
    assert not psutil.pid_exists(pid)


def test_several_threads_get_each_their_own_answer() -> None:
    child, found = child_of(ECHO), dict[int, bytes]()
    threads = [
        threading.Thread(target=lambda i=i: found.update({i: child.ask(b"%04d" % i)}))
        for i in range(5)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT_S)
    child.close()
    assert found == {i: b"%04d!" % i for i in range(5)}
