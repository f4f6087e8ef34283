"""Turn work that may take for ever, or all memory, into work that ends with a problem."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from handouts.crew import can_fork
from handouts.problem import HandoutError

if TYPE_CHECKING:
    from collections.abc import Iterator

MEGABYTE = 1_000_000
_PR_SET_PDEATHSIG = 1  # <linux/prctl.h>
_STDERR = 2
_STREAMS = 512
"""Files that C may have open at once, on Windows."""
_SIGNALS = {signal.SIGINT, signal.SIGTERM}


@dataclass(frozen=True, slots=True)
class Limit:
    """How long one piece of work may take, and how much memory."""

    seconds: float = 60.0
    megabytes: int = 2000
    """What a worker may take beyond what it has when it begins."""

    @contextmanager
    def watch(self) -> Iterator[None]:
        """Stop the work inside when its time is over.

        Only where the system has an alarm, and in the main thread: elsewhere it runs on.

        Raises:
            HandoutError: ``took-too-long`` or ``took-too-much``.
        """
        if not hasattr(signal, "setitimer") or not _in_main_thread():
            yield
            return

        def ring(number: int, frame: object) -> None:
            del number, frame
            raise _TimeOverError

        before = signal.signal(signal.SIGALRM, ring)
        signal.setitimer(signal.ITIMER_REAL, self.seconds)
        try:
            yield
        except _TimeOverError:
            raise self.say_too_long() from None
        except MemoryError:
            raise self.say_too_much() from None
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)

    def say_too_long(self) -> HandoutError:
        """Return the problem of work whose time is over."""
        return HandoutError.of(
            "took-too-long",
            f"this took longer than {self.seconds:g} seconds and was stopped",
            hint="make the templates simpler, or give it more: --time-limit 300",
        )

    def say_too_much(self) -> HandoutError:
        """Return the problem of work that has no memory left."""
        return HandoutError.of(
            "took-too-much",
            f"this took more than {self.megabytes} MB of memory and was stopped",
            hint="make the pictures and templates smaller, or give it more: --memory-limit 4000",
        )

    def hold_memory(self) -> None:
        """Keep this process, a worker, from taking more memory than it may have."""
        if sys.platform != "linux":
            return
        import resource

        # What libraries have mapped counts too, hundreds of megabytes that nobody has filled.
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        most = pages * resource.getpagesize() + self.megabytes * MEGABYTE
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(resource.RLIMIT_AS, (allowed, hard))


def count_openable() -> int:
    """Return how many files this process may have open at once."""
    if sys.platform == "win32":
        return _STREAMS
    import resource

    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return _STREAMS if soft == resource.RLIM_INFINITY else soft


def follow_parent() -> None:
    """Let this process, a worker, end at once with the one that gave it its work.

    One that outlived it would wait for ever, and hold what was locked for the run.
    """
    from multiprocessing import parent_process

    parent = parent_process()
    if parent is None:
        return
    if sys.platform == "linux":
        import ctypes

        # prctl(2): works even while a library is busy and lets no thread of ours run.
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent.pid:  # it has ended before we could ask
            os._exit(1)
        return
    from multiprocessing.connection import wait

    def follow() -> None:
        wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=follow, daemon=True).start()


def can_guard() -> bool:
    """Return whether work can be given to a double of this process.

    One that is guarded itself need not: whoever watches over it watches over all that it does.
    """
    from multiprocessing import current_process

    return can_fork() and not current_process().daemon


@contextmanager
def hear_nothing() -> Iterator[None]:
    """Let signals wait: one that is heard in the middle of a fork is lost."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def begin_work(limit: Limit | None, spool: Path | str | None) -> None:
    """Prepare a process, a worker, to be killed at any time.

    Args:
        limit: what it may take.
        spool: the run's own folder, where nothing stays behind.
    """
    # Ctrl-C is for the one who gave the order: what has begun is brought to its end. And who is
    # told to go, goes: a double has the handlers of the one that it was.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    follow_parent()
    if spool:
        tempfile.tempdir = str(spool)
    if limit:
        limit.hold_memory()


def begin_guarded(limit: Limit | None = None, spool: Path | str | None = None) -> None:
    """Prepare a double of this process, made while it heard nothing, for work that may kill it.

    Args:
        limit: what it may take.
        spool: the run's own folder, where nothing stays behind.
    """
    begin_work(limit, spool)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
    # What a library says while it dies of want is no help to anybody: the problem says it.
    with Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), _STDERR)


class _TimeOverError(BaseException):
    """The alarm has rung; no "except Exception" of a library may take it for its own."""


def _in_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()
