"""Tasks on the workers of a Dask cluster, through the same executor as processes of this machine.

Dask restarts workers, and gives a task to other workers where one died. Workers run this program in
the folder that it was started in, so that they read and write the same paths on shared storage.
"""

from __future__ import annotations

import gc
import logging
import os
import pickle
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import version
from typing import Any

from calibrate.parallel import Jobs, TaskGivenUp, check_jobs, one_thread
from engines.errors import GaugeError
from realtime.core.errors import UsageError

CONNECT_S = 30.0  # for a scheduler to answer
ARRIVE_S = 600.0  # for the workers asked for: a queue may let them wait
REFRESH_S = 2.0  # between looks at how many workers there are
MOST_WORKERS_A_CORE = 16  # started here: each holds the models, more exhaust the memory
PROGRAM = "genuine-gauge"
INSTALL = "install it with pip install '.[cluster]' in the project folder"


class ClusterFailed(GaugeError):
    """The cluster cannot do the work: its scheduler is gone, or its workers are unfit."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where tasks run: `jobs` here, or on a cluster.

    `scheduler` is the address of Dask's. `workers` are started here without one, and waited for
    with one.
    """

    jobs: int
    scheduler: str | None = None
    workers: int | None = None

    def check(self) -> None:
        """Raise `UsageError` for fewer than one job or worker, and without Dask for a cluster."""
        check_jobs(self.jobs)
        if self.workers is not None and self.workers < 1:
            raise UsageError(f"--workers is {self.workers}; want 1 or more")
        most = MOST_WORKERS_A_CORE * (os.cpu_count() or 1)
        if self.workers is not None and self.workers > most and self.scheduler is None:
            raise UsageError(
                f"--workers is {str(self.workers)[:20]}; want at most {most} on this machine"
            )
        if self.scheduler or self.workers:
            _load_dask()


# Dask looks at the stack of each task a hundred times a second, and has the allocator return memory
# so eagerly that every array's is mapped anew. Each costs about a tenth of the time.
OF_OUR_WORKERS = {
    "distributed.worker.profile.enabled": False,
    "distributed.nanny.pre-spawn-environ.MALLOC_TRIM_THRESHOLD_": None,
}


@contextmanager
def opened_place(place: Place) -> Iterator[Jobs]:
    """Yield the number of jobs, or the pool of a cluster that is connected until the end.

    Raises `UsageError` if no scheduler answers, and `ClusterFailed` if the workers do not come.
    """
    place.check()
    if not place.scheduler and not place.workers:
        yield place.jobs
        return
    distributed = _load_dask()
    _silence()
    with _started(distributed, place) as address:
        client = _connected(distributed, address)
        try:
            _await_workers(client, place.workers or 1, place.scheduler or "this machine")
            yield ClusterPool(client)
        finally:
            with suppress(Exception):  # of a scheduler that is gone
                client.close(timeout=CONNECT_S)


class ClusterPool:
    """Pool of the workers of `client`, a connected one of Dask. Used by one thread."""

    def __init__(self, client: Any) -> None:
        self._client, self._workers, self._looked_s = client, 1, float("-inf")

    def size(self) -> int:
        """Return how many tasks are under way at a time: one for each worker.

        A death is blamed on every task that waits on the worker, so none waits there.
        """
        if time.monotonic() - self._looked_s > REFRESH_S:
            with suppress(Exception):  # the tasks raise if the scheduler is lost
                self._workers = len(self._client.nthreads())
            self._looked_s = time.monotonic()
        return max(1, self._workers)

    @contextmanager
    def opened(self) -> Iterator[Callable[[], ClusterSlot]]:
        """Yield what opens a slot for tasks; cancel what is under way at the end."""
        shared: dict[int, tuple[object, Any]] = {}
        pending: set[Any] = set()
        try:
            yield lambda: ClusterSlot(self._client, shared, pending)
        finally:
            if pending:
                with suppress(Exception):
                    self._client.cancel(list(pending), force=True)


@dataclass(slots=True)
class ClusterSlot:
    """Slot for one task at a time; `shared` holds each work once on the cluster, by its id."""

    client: Any
    shared: dict[int, tuple[object, Any]]
    pending: set[Any] = field(default_factory=set)

    def submit(self, work: Callable[[Any], Any], task: object) -> Future[Any]:
        """Start `task`; the future raises `TaskGivenUp` or `ClusterFailed`, or what `work` does."""
        here = (version(PROGRAM), os.getcwd())
        found = self.client.submit(
            run_on_worker, here, self._on_cluster(work), pickle.dumps(task), pure=False
        )
        self.pending.add(found)
        future: Future[Any] = Future()
        found.add_done_callback(partial(_settle, future, self.pending))
        return future

    def restart(self) -> None:
        """Do nothing: Dask restarts workers."""

    def close(self, kill: bool) -> None:
        """Do nothing: the pool cancels what is under way."""

    def _on_cluster(self, work: object) -> Any:
        """Return the future of `work`, which may hold a whole data set and is sent once."""
        if id(work) not in self.shared:
            sent = self.client.submit(pickle.loads, pickle.dumps(work), pure=False)
            self.shared[id(work)] = work, sent  # `work` keeps its id while it is held
        return self.shared[id(work)][1]


def run_on_worker(here: tuple[str, str], work: Callable[[Any], Any], task: bytes) -> Any:
    """Return the result of `work` on a pickled task, on a worker of the cluster.

    `here` is the version and the folder of the program that asks. Raises `ClusterFailed` where the
    worker has another version, cannot see the folder, or runs several tasks at a time.
    """
    from distributed import get_worker

    worker, (program, folder) = get_worker(), here
    if (own := version(PROGRAM)) != program:
        raise ClusterFailed(f"worker {worker.address} has version {own}, not {program}; update it")
    if worker.state.nthreads != 1:
        raise ClusterFailed(
            f"worker {worker.address} has {worker.state.nthreads} threads; start workers with "
            "--nthreads 1 and one for each core: --nworkers auto"
        )
    try:
        os.chdir(folder)
    except OSError:
        raise ClusterFailed(
            f"worker {worker.address} has no folder {folder}; start calibrate in one on storage "
            "that all workers share"
        ) from None
    one_thread()
    return work(pickle.loads(task))


def _settle(future: Future[Any], pending: set[Any], found: Any) -> None:
    """Hand the outcome of Dask's future `found` on to `future`. Called in a thread of Dask's."""
    pending.discard(found)
    try:
        future.set_result(found.result())
    except BaseException as error:
        future.set_exception(_translated(error))


def _translated(error: BaseException) -> BaseException:
    distributed = _load_dask()
    lost = (distributed.CancelledError, distributed.client.FutureCancelledError)
    if isinstance(error, distributed.KilledWorker):
        return TaskGivenUp(str(error))
    if isinstance(error, (*lost, distributed.comm.CommClosedError)):
        return ClusterFailed(
            "the Dask scheduler is gone; what is done is kept: start it and repeat the command"
        )
    if isinstance(error, ModuleNotFoundError) and error.name in (
        "calibrate",
        "realtime",
        "engines",
    ):
        return ClusterFailed(f"the workers lack {PROGRAM}; install the same version on them")
    return error


@contextmanager
def _started(distributed: Any, place: Place) -> Iterator[Any]:
    """Yield the address to connect to: the given one, or that of workers started here."""
    if place.scheduler:
        yield place.scheduler
        return
    import dask

    with (
        dask.config.set(OF_OUR_WORKERS),
        distributed.LocalCluster(
            n_workers=place.workers,
            threads_per_worker=1,
            processes=True,
            security=True,  # certificates for this run: other users of the machine cannot send work
            dashboard_address="127.0.0.1:0",
            silence_logs=logging.CRITICAL,
        ) as cluster,
    ):
        yield cluster


def _connected(distributed: Any, address: Any) -> Any:
    """Return a client of the scheduler at `address`; raises `UsageError` if none answers."""
    try:
        return distributed.Client(address, timeout=CONNECT_S, set_as_default=False)
    except Exception as error:  # Dask raises anything for an address that it cannot read
        why = _first_line(error)
    # The client that failed closes itself when it is collected. That takes a lock, which hangs if
    # it happens while another client starts and holds it: so it is collected here, where none does.
    gc.collect()
    raise UsageError(
        f"no Dask scheduler answers at {address} ({why}); "
        "check the address, or start one with dask scheduler"
    )


def _await_workers(client: Any, count: int, where: str) -> None:
    if len(client.nthreads()) >= count:
        return
    print(f"waiting for workers of {where}", file=sys.stderr, flush=True)
    try:
        client.wait_for_workers(count, timeout=ARRIVE_S)
    except TimeoutError:
        raise ClusterFailed(
            f"{len(client.nthreads())} of {count} workers of {where} after {ARRIVE_S:.0f} s; start "
            "them with dask worker, or ask for fewer"
        ) from None


def _load_dask() -> Any:
    """Return the module of Dask's distributed scheduler; raises `UsageError` without it."""
    try:
        import distributed
    except ImportError:
        raise UsageError(f"a cluster needs Dask; {INSTALL}") from None
    return distributed


def _silence() -> None:
    """Keep Dask's own log from stderr: what matters is raised."""
    for name in list(logging.root.manager.loggerDict):
        if name.split(".")[0] in ("distributed", "tornado", "asyncio"):
            logging.getLogger(name).setLevel(logging.CRITICAL)


def _first_line(error: BaseException) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]
