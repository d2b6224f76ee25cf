"""Tasks run in this process, in several processes or on a cluster, with the same results.

Each worker process has a pool of its own, so that the death of one concerns its task alone: the
task is tried again, and reported if it ends its worker every time.
"""

from __future__ import annotations

import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import connection, get_context, parent_process
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from engines.errors import GaugeError
from realtime.core.errors import UsageError

Task = TypeVar("Task")
Result = TypeVar("Result")
UNFINISHED = ".tmp"  # suffix of a file that is being written
MAX_DEATHS = 3  # of workers with one task, which is then given up


class WorkerDied(GaugeError):
    """A worker process ended several times while it worked on one task."""


class TaskGivenUp(Exception):
    """A cluster gave a task up because workers died that held it, of this task or another."""


class PoolWorker(Protocol):
    """Something that works on one task at a time."""

    def submit(self, work: Callable[[Task], Result], task: Task) -> Future[Result]:
        """Start `task`; the future raises `BrokenProcessPool` if the worker dies.

        It raises `TaskGivenUp` instead where a cluster has tried other workers by itself.
        """
        ...

    def restart(self) -> None:
        """Replace what has died."""
        ...

    def close(self, kill: bool) -> None:
        """Release the worker; `kill` ends it in the middle of its task."""
        ...


class Pool(Protocol):
    """Where tasks run."""

    def size(self) -> int:
        """Return how many tasks are under way at a time; it may change."""
        ...

    def opened(self) -> AbstractContextManager[Callable[[], PoolWorker]]:
        """Yield what hires a worker; at the end all end, after an error in their tasks."""
        ...


class InProcess:
    """Worker that runs each task in this process when it is submitted."""

    def submit(self, work: Callable[[Task], Result], task: Task) -> Future[Result]:
        """Return a finished future with the result of `work`; raises what `work` raises."""
        future: Future[Result] = Future()
        future.set_result(work(task))
        return future

    def restart(self) -> None:
        """Do nothing: this process cannot die alone."""

    def close(self, kill: bool) -> None:
        """Do nothing: the task ended before."""


class WorkerProcess:
    """Worker in a process of its own, started with its first task."""

    def __init__(self) -> None:
        self._open()

    def submit(self, work: Callable[[Task], Result], task: Task) -> Future[Result]:
        """Start `task` in the process."""
        return self._pool.submit(work, task)

    def restart(self) -> None:
        """Start another process in place of the one that died."""
        self._pool.shutdown(wait=False)
        self._open()

    def close(self, kill: bool) -> None:
        """End the process, in the middle of its task with `kill`."""
        if kill and self._pid.done():
            with suppress(OSError, BrokenProcessPool):
                os.kill(self._pid.result(), signal.SIGTERM)
        self._pool.shutdown(wait=not kill, cancel_futures=True)

    def _open(self) -> None:
        # Spawned, because the threads of OpenCV and torch do not survive a fork.
        self._pool = ProcessPoolExecutor(
            1, mp_context=get_context("spawn"), initializer=_prepare_worker
        )
        self._pid = self._pool.submit(os.getpid)


@dataclass(frozen=True, slots=True)
class LocalPool:
    """This process for one job, processes of this machine for more."""

    jobs: int

    def size(self) -> int:
        """Return the number of jobs."""
        return self.jobs

    @contextmanager
    def opened(self) -> Iterator[Callable[[], PoolWorker]]:
        """Yield what starts a worker; end all of them at the end."""
        if self.jobs <= 1:
            with _one_thread_meanwhile():
                yield InProcess
            return
        started: list[WorkerProcess] = []

        def hire() -> WorkerProcess:
            started.append(WorkerProcess())
            return started[-1]

        done = False
        try:
            yield hire
            done = True
        finally:
            for worker in started:
                worker.close(kill=not done)


Jobs = int | Pool  # a number is that of jobs on this machine


@dataclass(slots=True)
class _Attempt(Generic[Task]):
    """A task, and the workers that died of it."""

    task: Task
    deaths: int = 0


def run_tasks(
    work: Callable[[Task], Result],
    tasks: Iterable[Task],
    jobs: Jobs,
    next_task: Callable[[Task, Result], Task | None] = lambda task, result: None,
    on_death: Callable[[Task], Result] | None = None,
) -> Iterator[tuple[Task, Result]]:
    """Yield every task with its result as it finishes, `jobs` at a time or as a pool has workers.

    `next_task` may return a follow-up task, which runs before those still waiting. A task whose
    worker died, or which was given up, `MAX_DEATHS` times has the result of `on_death`; without it
    `WorkerDied` is raised. Raises `UsageError` for fewer than one job. `tasks` are taken as needed.
    """
    pool = check_jobs(jobs)
    waiting, first = iter(tasks), deque[_Attempt[Task]]()
    running: dict[Future[Result], tuple[PoolWorker, _Attempt[Task]]] = {}
    free: list[PoolWorker] = []
    with pool.opened() as hire:
        while True:
            while len(running) < pool.size() and (attempt := _next(first, waiting)) is not None:
                worker = free.pop() if free else hire()
                running[worker.submit(work, attempt.task)] = worker, attempt
            if not running:
                return
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                worker, attempt = running.pop(future)
                try:
                    result = future.result()
                except (BrokenProcessPool, TaskGivenUp):
                    worker.restart()
                    attempt.deaths += 1
                    if attempt.deaths < MAX_DEATHS:
                        first.appendleft(attempt)
                        continue
                    if on_death is None:
                        raise WorkerDied(_death_message(attempt.task)) from None
                    result = on_death(attempt.task)
                finally:
                    free.append(worker)
                follow_up = next_task(attempt.task, result)
                if follow_up is not None:
                    first.appendleft(_Attempt(follow_up))
                yield attempt.task, result


def check_jobs(jobs: Jobs) -> Pool:
    """Return the pool of `jobs`; raises `UsageError` for fewer than one."""
    if not isinstance(jobs, int):
        return jobs
    if jobs < 1:
        raise UsageError(f"--jobs is {jobs}; want 1 or more")
    return LocalPool(jobs)


@contextmanager
def atomic_write(path: Path) -> Iterator[Path]:
    """Yield a temporary path, renamed to `path` on success: `path` is never half written."""
    unfinished = path.with_name(path.name + UNFINISHED)
    try:
        yield unfinished
        unfinished.rename(path)
    finally:
        unfinished.unlink(missing_ok=True)


def one_thread() -> None:
    """Stop OpenCV from starting threads: the tasks already run in parallel."""
    import cv2

    cv2.setNumThreads(1)


def _next(first: deque[_Attempt[Task]], waiting: Iterator[Task]) -> _Attempt[Task] | None:
    if first:
        return first.popleft()
    for task in waiting:
        return _Attempt(task)
    return None


def _death_message(task: object) -> str:
    return (
        f"a worker process died {MAX_DEATHS} times on {task}; it may need more memory: run with "
        "fewer --jobs"
    )


def _prepare_worker() -> None:
    """Leave Ctrl-C to the parent process, and end with it however it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    one_thread()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)  # without its parent the worker has no result to return


@contextmanager
def _one_thread_meanwhile() -> Iterator[None]:
    """Keep OpenCV to one thread, as in a pool: `--jobs 1` means one core and the same results."""
    import cv2

    before = cv2.getNumThreads()
    one_thread()
    try:
        yield
    finally:
        cv2.setNumThreads(before)
