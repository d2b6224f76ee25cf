import math
import operator

import pytest

from calibrate.parallel import run_all


@pytest.mark.parametrize("jobs", [1, 2])
def test_every_task_is_done_once_with_its_own_result(jobs: int) -> None:
    found = dict(run_all(operator.neg, range(7), jobs))
    assert found == {number: -number for number in range(7)}


@pytest.mark.parametrize("jobs", [1, 3])
def test_a_task_may_be_followed_by_another(jobs: int) -> None:
    found = run_all(abs, [-3, -30], jobs, lambda task, result: None if task % 3 else task + 1)
    assert sorted(task for task, _ in found) == [-30, -29, -3, -2]


def test_one_worker_does_a_task_only_when_it_is_asked_for() -> None:
    begun: list[int] = []
    results = run_all(begun.append, [1, 2, 3], 1)
    next(results)
    assert begun == [1]


@pytest.mark.parametrize("jobs", [1, 2])
def test_what_a_task_raises_comes_out(jobs: int) -> None:
    with pytest.raises(ValueError, match=r"math domain|nonnegative"):
        list(run_all(math.sqrt, [1.0, -1.0], jobs))


def test_nothing_to_do_is_done_at_once() -> None:
    assert list(run_all(abs, [], 4)) == []
