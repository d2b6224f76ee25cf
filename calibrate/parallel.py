"""Work done in turn in this process, or by several others at a time; the results are the same."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Any, TypeVar

from calibrate.data.extract import one_thread

Task = TypeVar("Task")
Result = TypeVar("Result")


class SequentialExecutor(Executor):
    """Does each thing when it is asked for, in this process."""

    def submit(self, fn: Callable[..., Result], /, *args: Any, **kwargs: Any) -> Future[Result]:
        """`fn`'s result as a future that is done; what it raises comes out here."""
        done: Future[Result] = Future()
        done.set_result(fn(*args, **kwargs))
        return done


def run_all(
    work: Callable[[Task], Result],
    tasks: Iterable[Task],
    jobs: int,
    following: Callable[[Task, Result], Task | None] = lambda task, result: None,
) -> Iterator[tuple[Task, Result]]:
    """Every task with its result, `jobs` at a time, as they are finished; `following` may name one more after any."""
    todo, running = deque(tasks), dict[Future[Result], Task]()
    with _workers(min(jobs, len(todo))) as pool:
        while todo or running:
            while todo and len(running) < jobs:
                task = todo.popleft()
                running[pool.submit(work, task)] = task
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                task, result = running.pop(future), future.result()
                more = following(task, result)
                if more is not None:
                    todo.appendleft(more)
                yield task, result


@contextmanager
def _workers(jobs: int) -> Iterator[Executor]:
    if jobs <= 1:
        yield SequentialExecutor()
        return
    # Not forked: neither OpenCV's threads nor torch's outlive a fork.
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), initializer=one_thread) as pool:
        try:
            yield pool
        finally:
            pool.shutdown(cancel_futures=True)
