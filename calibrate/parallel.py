"""Tasks run in this process or in a pool of processes, with the same results."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import Any, TypeVar

from realtime.core.errors import UsageError

Task = TypeVar("Task")
Result = TypeVar("Result")
UNFINISHED = ".tmp"  # suffix of a file that is being written


class SequentialExecutor(Executor):
    """Executor that runs each task in this process when it is submitted."""

    def submit(self, fn: Callable[..., Result], /, *args: Any, **kwargs: Any) -> Future[Result]:
        """Return a finished future with the result of `fn`; raises what `fn` raises."""
        future: Future[Result] = Future()
        future.set_result(fn(*args, **kwargs))
        return future


def run_tasks(
    work: Callable[[Task], Result],
    tasks: Iterable[Task],
    jobs: int,
    next_task: Callable[[Task, Result], Task | None] = lambda task, result: None,
) -> Iterator[tuple[Task, Result]]:
    """Yield every task with its result as it finishes, `jobs` at a time.

    `next_task` may return a follow-up task, which runs before those still waiting. Raises
    `UsageError` for fewer than one job.
    """
    check_jobs(jobs)
    waiting, running = deque(tasks), dict[Future[Result], Task]()
    with _executor(min(jobs, len(waiting))) as executor:
        while waiting or running:
            while waiting and len(running) < jobs:
                task = waiting.popleft()
                running[executor.submit(work, task)] = task
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                task, result = running.pop(future), future.result()
                follow_up = next_task(task, result)
                if follow_up is not None:
                    waiting.appendleft(follow_up)
                yield task, result


def check_jobs(jobs: int) -> None:
    """Raise `UsageError` for fewer than one job."""
    if jobs < 1:
        raise UsageError(f"--jobs is {jobs}; want 1 or more")


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


@contextmanager
def _executor(jobs: int) -> Iterator[Executor]:
    if jobs <= 1:
        with _one_thread_meanwhile():
            yield SequentialExecutor()
        return
    # Spawned, because the threads of OpenCV and torch do not survive a fork.
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), initializer=one_thread) as pool:
        try:
            yield pool
        finally:
            pool.shutdown(cancel_futures=True)
