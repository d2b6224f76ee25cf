import math
import operator
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import psutil
import pytest
from deadly_tasks import end_worker, end_worker_once

from calibrate.parallel import WorkerDied, atomic_write, run_tasks
from realtime.core.errors import UsageError


@pytest.mark.parametrize("jobs", [1, 2])
def test_every_task_runs_once_with_its_own_result(jobs: int) -> None:
    results = dict(run_tasks(operator.neg, range(7), jobs))
    assert results == {number: -number for number in range(7)}


@pytest.mark.parametrize("jobs", [1, 3])
def test_a_task_can_have_a_follow_up(jobs: int) -> None:
    results = run_tasks(abs, [-3, -30], jobs, lambda task, result: None if task % 3 else task + 1)
    assert sorted(task for task, _ in results) == [-30, -29, -3, -2]


def test_one_worker_starts_a_task_only_when_its_result_is_requested() -> None:
    started: list[int] = []
    results = run_tasks(started.append, [1, 2, 3], 1)
    next(results)
    assert started == [1]


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_task_has_one_opencv_thread_however_many_run(jobs: int) -> None:
    """Faces found by several threads come in another order: the same clip, other landmarks."""
    cv2.setNumThreads(3)
    try:
        assert dict(run_tasks(operator.call, [cv2.getNumThreads] * 2, jobs)) == {
            cv2.getNumThreads: 1
        }
        assert cv2.getNumThreads() == 3
        with pytest.raises(ValueError, match=r"math domain|nonnegative"):
            list(run_tasks(math.sqrt, [-1.0], jobs))
        assert cv2.getNumThreads() == 3
    finally:
        cv2.setNumThreads(-1)


@pytest.mark.parametrize("jobs", [0, -1])
def test_fewer_than_one_job_is_refused(jobs: int) -> None:
    with pytest.raises(UsageError, match=f"--jobs is {jobs}; want 1 or more"):
        list(run_tasks(abs, [1], jobs))


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_exception_in_a_task_reaches_the_caller(jobs: int) -> None:
    with pytest.raises(ValueError, match=r"math domain|nonnegative"):
        list(run_tasks(math.sqrt, [1.0, -1.0], jobs))


def test_no_tasks_give_no_results() -> None:
    assert list(run_tasks(abs, [], 4)) == []


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "result"
    with atomic_write(path) as unfinished:
        unfinished.write_text("old")

    def fail() -> None:
        with atomic_write(path) as unfinished:
            unfinished.write_text("ne")
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        fail()
    assert path.read_text() == "old"


def give_up(name: str) -> str:
    return f"{name} given up"


def test_a_task_whose_worker_was_killed_is_tried_again(tmp_path: Path) -> None:
    marks = [tmp_path / str(number) for number in range(4)]
    marks[3].touch()
    assert dict(run_tasks(end_worker_once, marks, 2)) == {mark: mark.name for mark in marks}


def test_a_task_that_ends_every_worker_is_given_up_alone() -> None:
    names = ["a", "deadly", "b", "c"]
    results = dict(run_tasks(end_worker, names, 2, on_death=give_up))
    assert results == {"a": "a", "b": "b", "c": "c", "deadly": "deadly given up"}
    with pytest.raises(WorkerDied, match=r"died 3 times on deadly; .* fewer --jobs"):
        list(run_tasks(end_worker, names, 2))


def sleep_and_name_process(folder: Path) -> int:
    (folder / str(os.getpid())).touch()
    threading.Event().wait(60)
    return 0


def until(condition: Callable[[], bool]) -> None:
    """Wait until `condition` holds, at most a minute."""
    end = time.monotonic() + 60
    while not condition() and time.monotonic() < end:
        threading.Event().wait(0.02)
    assert condition()


def test_leaving_early_ends_workers_in_the_middle_of_a_task(tmp_path: Path) -> None:
    (tmp_path / "done").touch()
    results = run_tasks(first_then_sleep, [tmp_path / "done", tmp_path], 2)
    assert next(results)[1] == 0
    until(lambda: len(list(tmp_path.iterdir())) == 2)
    results.close()  # type: ignore[attr-defined]
    (pid,) = (int(path.name) for path in tmp_path.iterdir() if path.name != "done")
    until(lambda: not psutil.pid_exists(pid))


def first_then_sleep(path: Path) -> int:
    return 0 if path.name == "done" else sleep_and_name_process(path)


def test_workers_end_with_a_run_that_is_killed(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from calibrate.parallel import run_tasks\n"
        "from test_parallel import sleep_and_name_process\n"
        "if __name__ == '__main__':\n"
        f"    list(run_tasks(sleep_and_name_process, [Path({str(tmp_path)!r})] * 2, 2))\n"
    )
    script = tmp_path.parent / f"{tmp_path.name}.py"
    script.write_text(code)
    here, tests = Path(__file__).parent, Path(__file__).parents[1]
    path = os.pathsep.join(map(str, (here, tests / "support", tests.parent)))
    run = subprocess.Popen([sys.executable, script], env={**os.environ, "PYTHONPATH": path})
    try:
        until(lambda: len(list(tmp_path.iterdir())) == 2)
    finally:
        run.kill()
        run.wait(10)
    pids = [int(path.name) for path in tmp_path.iterdir()]
    until(lambda: not any(map(psutil.pid_exists, pids)))
