"""The executor on Dask: workers started here, and processes of a cluster that are killed."""

from __future__ import annotations

import gc
import math
import operator
import os
import pickle
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import pytest
from dask_processes import DaskProcesses, until
from deadly_tasks import end_worker, end_worker_once
from living import living

from calibrate import cluster
from calibrate.cluster import (
    MOST_WORKERS_A_CORE,
    ClusterFailed,
    ClusterPool,
    Place,
    opened_place,
    run_on_worker,
)
from calibrate.parallel import Jobs, run_tasks
from realtime.core.errors import UsageError

distributed = pytest.importorskip("distributed")
ONE_JOB = 1


@pytest.fixture(scope="module")
def pool() -> Iterator[Jobs]:
    """Two workers, started here."""
    with opened_place(Place(ONE_JOB, workers=2)) as opened:
        yield opened


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[DaskProcesses]:
    """A scheduler without workers."""
    started = DaskProcesses(tmp_path)
    yield started
    started.close()


def table(scale: np.ndarray, number: int) -> bytes:
    """Return bytes that need a large shared array and the task."""
    return (scale * number + np.sin(number)).tobytes()


def test_results_are_those_of_one_process(pool: Jobs) -> None:
    work = partial(table, np.linspace(0, 1, 100_000))
    assert dict(run_tasks(work, range(9), pool)) == dict(run_tasks(work, range(9), ONE_JOB))


def costly_settings(task: int) -> tuple[bool, str | None]:
    """Return whether a worker's stacks are looked at, and how its memory is trimmed."""
    import dask

    profiled = bool(dask.config.get("distributed.worker.profile.enabled"))
    return profiled, os.environ.get("MALLOC_TRIM_THRESHOLD_")


def test_workers_started_here_do_without_what_costs_a_fifth_of_their_time(pool: Jobs) -> None:
    assert dict(run_tasks(costly_settings, range(2), pool)) == {0: (False, None), 1: (False, None)}


def test_a_task_can_have_a_follow_up_and_runs_with_one_opencv_thread(pool: Jobs) -> None:
    results = run_tasks(abs, [-3, -30], pool, lambda task, result: None if task % 3 else task + 1)
    assert sorted(task for task, _ in results) == [-30, -29, -3, -2]
    assert dict(run_tasks(operator.call, [cv2.getNumThreads], pool)) == {cv2.getNumThreads: 1}


class Counted:
    """Work that counts how often it is sent."""

    sent = 0

    def __reduce__(self) -> tuple[object, ...]:
        Counted.sent += 1
        return (operator.attrgetter, ("real",))


def test_work_is_sent_once_for_all_tasks(pool: Jobs) -> None:
    assert dict(run_tasks(Counted(), range(6), pool)) == {n: n for n in range(6)}
    assert Counted.sent == 1


def test_an_exception_in_a_task_reaches_the_caller(pool: Jobs) -> None:
    with pytest.raises(ValueError, match=r"math domain|nonnegative"):
        list(run_tasks(math.sqrt, [1.0, -1.0], pool))
    assert dict(run_tasks(math.sqrt, [4.0], pool)) == {4.0: 2.0}


def test_a_task_whose_worker_was_killed_is_tried_again(pool: Jobs, tmp_path: Path) -> None:
    marks = [tmp_path / str(number) for number in range(4)]
    for mark in marks[1:]:
        mark.touch()
    assert dict(run_tasks(end_worker_once, marks, pool)) == {mark: mark.name for mark in marks}


def test_a_task_that_ends_every_worker_is_given_up_alone() -> None:
    with opened_place(Place(ONE_JOB, workers=2)) as pool:
        results = dict(run_tasks(end_worker, ["a", "deadly", "b"], pool, on_death="{} lost".format))
        assert results == {"a": "a", "b": "b", "deadly": "deadly lost"}


def nap(folder: Path, name: str) -> str:
    """Leave a mark with the number of the process, and wait for a sign."""
    (folder / f"{name}-{os.getpid()}").touch()
    until((folder / "go").exists)
    return name


@contextmanager
def once_begun(folder: Path, action: Callable[[], object]) -> Iterator[None]:
    """Do something in a thread of its own as soon as a task of `nap` has begun."""

    def act() -> None:
        until(lambda: any(folder.glob("?-*")))
        action()

    thread = threading.Thread(target=act)
    thread.start()
    yield
    thread.join()


def test_workers_may_come_and_go(processes: DaskProcesses, tmp_path: Path) -> None:
    """The only worker is killed in the middle; one that comes later does everything."""
    first = processes.start_worker()

    def replace_worker() -> None:
        first.kill()
        processes.start_worker()
        (tmp_path / "go").touch()

    with (
        opened_place(Place(ONE_JOB, processes.address, 1)) as pool,
        once_begun(tmp_path, replace_worker),
    ):
        results = run_tasks(partial(nap, tmp_path), ["a", "b", "c"], pool)
        assert sorted(result for _, result in results) == ["a", "b", "c"]
    assert len(list(tmp_path.glob(f"?-{processes.workers[1].pid}"))) == 3


def test_a_scheduler_that_goes_away_is_one_error(processes: DaskProcesses, tmp_path: Path) -> None:
    processes.start_worker()
    with (
        opened_place(Place(ONE_JOB, processes.address)) as pool,
        once_begun(tmp_path, processes.scheduler.kill),
        pytest.raises(ClusterFailed, match="the Dask scheduler is gone; what is done is kept"),
    ):
        list(run_tasks(partial(nap, tmp_path), ["a", "b", "c"], pool))


def test_leaving_early_cancels_what_waits(processes: DaskProcesses, tmp_path: Path) -> None:
    processes.start_worker()
    with opened_place(Place(ONE_JOB, processes.address)) as pool:
        results = run_tasks(partial(nap, tmp_path), list("abcdef"), pool)
        with once_begun(tmp_path, (tmp_path / "go").touch):
            next(results)
        results.close()  # type: ignore[attr-defined]
        assert dict(run_tasks(operator.neg, [1], pool)) == {1: -1}
    assert len(list(tmp_path.glob("?-*"))) < 6


def test_a_worker_with_several_threads_is_refused(processes: DaskProcesses, tmp_path: Path) -> None:
    processes.start_worker(threads=2)
    with (
        opened_place(Place(ONE_JOB, processes.address)) as pool,
        pytest.raises(ClusterFailed, match="has 2 threads; start workers with --nthreads 1"),
    ):
        list(run_tasks(abs, [1], pool))


@pytest.mark.parametrize(
    ("here", "message"),
    [
        (("0.0.0", "."), r"has version .*, not 0\.0\.0; update it"),
        ((cluster.version("genuine-gauge"), "/nowhere"), "has no folder /nowhere; start calibrate"),
    ],
)
def test_an_unfit_worker_is_named(pool: ClusterPool, here: tuple[str, str], message: str) -> None:
    found = pool._client.submit(run_on_worker, here, abs, pickle.dumps(-1), pure=False)
    with pytest.raises(ClusterFailed, match=message):
        found.result()


@pytest.mark.parametrize(
    "address", ["tcp://127.0.0.1:9", "nonsense://x", "127.0.0.1:x", "n" * 300, "tcp://", "a b"]
)
def test_without_a_scheduler_the_address_is_named(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "CONNECT_S", 0.5)
    with (
        pytest.raises(UsageError, match=f"no Dask scheduler answers at {address}"),
        opened_place(Place(ONE_JOB, address)),
    ):
        pass


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "file/below", "tls://127.0.0.1:9"])
def test_a_client_that_failed_is_gone_before_another_can_start(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Collected while another starts, it would wait for a lock that the start of that one holds."""
    monkeypatch.setattr(cluster, "CONNECT_S", 0.5)
    before = living(distributed.Client)
    gc.disable()
    try:
        with pytest.raises(UsageError), opened_place(Place(ONE_JOB, address)):
            pass
        assert living(distributed.Client) == before
    finally:
        gc.enable()


def test_workers_that_do_not_come_are_waited_for_only_so_long(
    processes: DaskProcesses, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "ARRIVE_S", 0.2)
    with (
        pytest.raises(ClusterFailed, match=r"0 of 3 workers of tcp:.* after 0 s; start"),
        opened_place(Place(ONE_JOB, processes.address, 3)),
    ):
        pass


def test_what_cannot_be_is_refused_before_any_work(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="--workers is 0; want 1 or more"):
        Place(ONE_JOB, workers=0).check()
    with pytest.raises(UsageError, match="--jobs is 0"):
        Place(0).check()
    with opened_place(Place(3)) as jobs:
        assert jobs == 3
    monkeypatch.setitem(sys.modules, "distributed", None)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match=r"a cluster needs Dask; install it with pip .*cluster"):
        Place(ONE_JOB, "tcp://127.0.0.1:1").check()


@pytest.mark.parametrize("workers", [0, -1])
def test_fewer_than_one_worker_is_refused(workers: int) -> None:
    with pytest.raises(UsageError, match=f"--workers is {workers}; want 1 or more"):
        Place(ONE_JOB, workers=workers).check()


def test_more_workers_than_the_machine_can_hold_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    most = 2 * MOST_WORKERS_A_CORE
    Place(ONE_JOB, workers=most).check()
    for workers in (most + 1, 10**400):
        with pytest.raises(UsageError, match=f"want at most {most} on this machine"):
            Place(ONE_JOB, workers=workers).check()
    Place(ONE_JOB, "tcp://127.0.0.1:1", most + 1).check()  # on other machines, not started here
