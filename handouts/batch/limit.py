"""Turn work that may take for ever, or all memory, into work that ends with a problem."""

from __future__ import annotations

import signal
import sys
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from handouts.problem import HandoutError

if TYPE_CHECKING:
    from collections.abc import Iterator

MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Limit:
    """How long one piece of work may take, and how much memory a worker may have."""

    seconds: float = 60.0
    megabytes: int = 2000

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
            raise HandoutError.of(
                "took-too-long",
                f"this took longer than {self.seconds:g} seconds and was stopped",
                hint="make the templates simpler, or give it more: --time-limit 300",
            ) from None
        except MemoryError:
            raise HandoutError.of(
                "took-too-much",
                f"this took more than {self.megabytes} MB of memory and was stopped",
                hint="make the pictures and templates smaller, or give it more: --memory-limit",
            ) from None
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)

    def hold_memory(self) -> None:
        """Keep this process, a worker, from taking more memory than it may have."""
        if sys.platform != "linux":
            return
        import resource

        most = self.megabytes * MEGABYTE
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(resource.RLIMIT_AS, (allowed, hard))


class _TimeOverError(BaseException):
    """The alarm has rung; no "except Exception" of a library may take it for its own."""


def _in_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()
