"""Turn the number of workers, or a cluster's address, into an executor that works for a while."""

from __future__ import annotations

import sys
from concurrent.futures import BrokenExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from handouts.batch.limit import count_openable
from handouts.batch.work import begin_worker
from handouts.problem import HandoutError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Executor
    from pathlib import Path

    from handouts.batch.plan import BatchOrder

_CHUNK = 100
"""Copies given to a worker at a time, at most: some 30 ms of work."""
_SHARES = 4
"""Chunks for each worker, at least, so that all come to their end together."""
_ANSWER = 3
"""Seconds in which a scheduler answers."""


def size_chunk(copies: int, workers: int) -> int:
    """Return how many copies a worker is given at a time: many, but each worker its share.

    All of a chunk's files are open at once.
    """
    return max(1, min(_CHUNK, count_openable() // 4, copies // (workers * _SHARES)))


@contextmanager
def hire(order: BatchOrder, spool: Path) -> Iterator[Executor]:
    """Give an executor of this machine's processes, or of a Dask cluster.

    Args:
        order: says which.
        spool: the run's own folder.

    Raises:
        HandoutError: ``extra-missing`` or ``no-scheduler``.
    """
    if order.scheduler:
        with _hire_cluster(order.scheduler) as executor:
            yield executor
        return
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import active_children, get_context

    # A fork has everything loaded; elsewhere it is not safe (macOS) or not there (Windows).
    context = get_context("fork" if sys.platform == "linux" else "spawn")
    prepared = (order.limit, str(spool))
    others = set(active_children())
    executor = ProcessPoolExecutor(order.count_workers(), context, begin_worker, prepared)
    try:
        yield executor
    finally:
        # Not asked to go but made to: one that was killed while it waited for work has taken the
        # queue's lock with it, and the others would never hear that there is no more. Who asked
        # for results has them by now; files are whole or absent.
        for process in set(active_children()) - others:
            process.kill()
        executor.shutdown(cancel_futures=True)


def is_lost(error: Exception) -> bool:
    """Return whether work failed because the one who did it has gone, and may be done again."""
    # Dask's own error is looked at by its name: without Dask there is none.
    return isinstance(error, BrokenExecutor) or type(error).__name__ == "KilledWorker"


@contextmanager
def _hire_cluster(address: str) -> Iterator[Executor]:
    try:
        import distributed
    except ImportError:
        raise HandoutError.of(
            "extra-missing",
            "--scheduler needs Dask, which is not installed",
            hint="run: pip install 'handouts[cluster]'",
        ) from None
    try:
        client: Any = distributed.Client(address, timeout=_ANSWER)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        raise HandoutError.of(
            "no-scheduler",
            f'no scheduler answers at "{address[:100]}" ({error})',
            hint="start one with `dask scheduler`, and take the address that it prints",
        ) from None
    try:
        # pure: equal work is done once; retries: a worker that is lost is made good.
        yield client.get_executor(retries=2)
    finally:
        client.close()
