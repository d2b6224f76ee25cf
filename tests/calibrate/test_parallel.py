import math
import operator
from pathlib import Path

import cv2
import pytest

from calibrate.parallel import atomic_write, run_tasks
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
