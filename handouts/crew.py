"""Turn a piece of work and a list of names into results, made on all processors of this machine."""

from __future__ import annotations

import os
import signal
import sys
import threading
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence
    from concurrent.futures import Future

T = TypeVar("T")

_IDLE = 1
_FEW = 3
"""Fewer are made sooner than a crew is called together."""
_tools: Any = None
"""What each worker of the crew has at hand; it came with the fork, nothing was copied over."""


def share_out(
    work: Callable[[Any, str], T],
    tools: Any,  # noqa: ANN401  any tools
    names: Sequence[str],
) -> Generator[tuple[str, Callable[[], T]]]:
    """Yield each name in order, with a call that returns its result or raises its error.

    Args:
        work: a function of a module, given the tools and a name.
        tools: what the work needs; workers have it as it is when they are started.
        names: one for each piece of work.
    """
    hands = min(count_processors(), len(names))
    if len(names) < _FEW or hands < 2 or not can_fork():  # noqa: PLR2004  one is no crew
        for name in names:
            yield name, partial(work, tools, name)
        return
    yield from _share_among(hands, work, tools, names)


def _share_among(
    hands: int,
    work: Callable[[Any, str], T],
    tools: Any,  # noqa: ANN401
    names: Sequence[str],
) -> Generator[tuple[str, Callable[[], T]]]:
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    pool = ProcessPoolExecutor(hands, get_context("fork"), _take_up, (tools,))
    try:
        futures = [(name, pool.submit(_do, work, name)) for name in names]
        for name, future in futures:
            yield name, partial(_collect, future, work, tools, name)
    finally:
        # Also when the one who waits has gone: what has not begun is not begun.
        pool.shutdown(cancel_futures=True)


def _collect(
    future: Future[T],
    work: Callable[[Any, str], T],
    tools: Any,  # noqa: ANN401
    name: str,
) -> T:
    from concurrent.futures import BrokenExecutor

    try:
        return future.result()
    except BrokenExecutor:
        # A worker was killed, for want of memory say: what it was to do is done here.
        return work(tools, name)


def _take_up(tools: Any) -> None:  # noqa: ANN401
    global _tools  # noqa: PLW0603  a worker's own
    _tools = tools
    # Ctrl-C is for the one who gave the order: she stops the crew.
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _do(work: Callable[[Any, str], T], name: str) -> T:
    return work(_tools, name)


def can_fork() -> bool:
    """Return whether this process can be doubled: a second thread could hold a lock for ever."""
    return sys.platform == "linux" and threading.active_count() <= _IDLE


def count_processors() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
