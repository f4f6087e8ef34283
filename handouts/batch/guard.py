"""Turn pieces of work that may hang, crash or eat all memory into results, or into problems.

Each is done by a process that can be killed: an alarm inside it would not be heard while a library
computes, and want of memory ends some libraries without a word to Python.
"""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import threading
import time
from collections import Counter, deque
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, TypeVar

from handouts.batch.limit import follow_parent
from handouts.booklet.plates import Pressed, Rack
from handouts.problem import ExitCode, HandoutError, Report

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

    from handouts.batch.limit import Limit
    from handouts.booklet.plates import Key

T = TypeVar("T")
_LOADING = 1.0
"""Seconds in which a process can load the layout engine, which is nobody's own time."""
_STDERR = 2
_SIGNALS = {signal.SIGINT, signal.SIGTERM}
_NAMELESS = {"took-too-long", "took-too-much", "worker-lost"}
_TRIES = 2
"""How often a piece of work may cost a process its life before it is given up."""


class GuardedRack(Rack):
    """The plates of a batch: one that cannot be made leaves the others as they are."""

    def __init__(self, programme: str, limit: Limit, hands: int) -> None:
        """Begin with none.

        Args:
            programme: whose plates they are, for problems.
            limit: what one plate may take.
            hands: how many are made at a time.
        """
        super().__init__()
        self._programme, self._limit, self._hands = programme, limit, hands
        self.spool: Path | None = None
        """Where nothing stays behind if a process is killed."""

    def make(self, wanted: Mapping[Key, Callable[[], Pressed]]) -> None:
        """Make the plates that are not there yet.

        Raises:
            HandoutError: ``engine-missing``.
        """
        missing = {key: make for key, make in wanted.items() if key not in self._made}
        if not can_guard():
            super().make(missing)
            return
        keys, tasks = [*missing], [*missing.values()]
        with nullcontext(self.spool) if self.spool else TemporaryDirectory() as spool:
            for number, result in guard(tasks, self._limit, self._hands, spool):
                key = keys[number]
                if isinstance(result, Pressed):
                    self._made[key] = result
                elif result.exit_code is ExitCode.ENGINE:
                    raise result
                else:
                    self._made[key] = Pressed(None, self._name(key, result.report))

    def _name(self, key: Key, report: Report) -> Report:
        """Return the problems with the page that they are about, where nothing else says it."""
        page = next((str(part).strip("_") for part in key if isinstance(part, str)), "")
        where = f"{self._programme}, {page}: "
        return Report(
            [
                replace(problem, message=where + problem.message)
                if problem.code in _NAMELESS
                else problem
                for problem in report
            ]
        )


def can_guard() -> bool:
    """Return whether this process can be doubled: a second thread could hold a lock for ever.

    One that is guarded itself need not: whoever watches over it watches over all that it does.
    """
    return sys.platform == "linux" and threading.active_count() == 1 and not _is_guarded()


def _is_guarded() -> bool:
    from multiprocessing import current_process

    return bool(current_process().daemon)


def guard(
    tasks: Sequence[Callable[[], T]], limit: Limit, hands: int, spool: Path | str | None = None
) -> Iterator[tuple[int, T | HandoutError]]:
    """Yield the number of each piece of work and its result, as they come.

    Work that breaks the limit, or its process, yields the problem in place of a result.
    """
    waiting = deque(range(len(tasks)))
    lost: Counter[int] = Counter()
    crew: list[_Hand] = []
    try:
        while waiting or crew:
            while waiting and len(crew) < hands:
                crew.append(_Hand(tasks, limit, spool))
                crew[-1].give(waiting.popleft())
            for hand in _wait(crew):
                number, result = hand.number, hand.take()
                lost[number] += result is None
                if result is None and lost[number] < _TRIES:
                    waiting.appendleft(number)
                elif isinstance(result, Exception) and not isinstance(result, HandoutError):
                    raise result
                else:
                    yield number, hand.say_lost() if result is None else result
                if waiting and hand.is_free:
                    hand.give(waiting.popleft())
                else:
                    hand.dismiss()
                    crew.remove(hand)
    finally:
        # Also when the one who waits has gone, or has pressed Ctrl-C.
        for hand in crew:
            hand.dismiss()


def _wait(crew: Sequence[_Hand]) -> list[_Hand]:
    """Return those who have something to say, or whose time is over."""
    from multiprocessing.connection import wait

    left = min(hand.deadline for hand in crew) - time.monotonic()
    heard = wait([hand.pipe for hand in crew], timeout=max(left, 0))
    now = time.monotonic()
    return [hand for hand in crew if hand.pipe in heard or hand.deadline <= now]


class _Hand:
    """A process that does one piece of work after the other."""

    def __init__(
        self, tasks: Sequence[Callable[[], Any]], limit: Limit, spool: Path | str | None
    ) -> None:
        from multiprocessing import get_context

        context = get_context("fork")
        self._limit = limit
        self.pipe: Connection
        self.pipe, theirs = context.Pipe()
        self._process: BaseProcess = context.Process(
            target=_serve, args=(theirs, tasks, limit, spool), daemon=True
        )
        with _deaf():
            self._process.start()
        # So that the pipe ends with the process.
        theirs.close()
        self.number, self.deadline = 0, 0.0
        self._allowance = _LOADING
        self.is_free = True
        """Whether it can do more work."""

    def give(self, number: int) -> None:
        self.number = number
        self.deadline = time.monotonic() + self._limit.seconds + self._allowance
        self._allowance = 0.0
        with suppress(OSError):  # killed: the pipe will say so
            self.pipe.send(number)

    def take(self) -> Any:  # noqa: ANN401
        """Return the result of its work, a problem, or None if the process has crashed."""
        if not self.pipe.poll():
            self.is_free = False
            return self._limit.say_too_long()
        try:
            return self.pipe.recv()
        except (EOFError, OSError):
            self.is_free = False
            return None

    def say_lost(self) -> HandoutError:
        self._process.join()
        # Libraries in C end the process where they get no more memory: abort(3).
        if self._process.exitcode == -signal.SIGABRT:
            return self._limit.say_too_much()
        return HandoutError.of(
            "worker-lost",
            f"the process that laid this out was killed, {_TRIES} times",
            hint="look whether memory is short; give less of it to each with --workers 1",
        )

    def dismiss(self) -> None:
        self.pipe.close()
        self._process.kill()
        self._process.join()


@contextmanager
def _deaf() -> Iterator[None]:
    """Let signals wait: one that is heard in the middle of a fork is lost."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _serve(
    pipe: Connection, tasks: Sequence[Callable[[], Any]], limit: Limit, spool: Path | str | None
) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
    follow_parent()
    # What a library says while it dies of want is no help to anybody: the problem says it.
    with Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), _STDERR)
    if spool:
        tempfile.tempdir = str(spool)
    limit.hold_memory()
    while True:
        try:
            number = pipe.recv()
        except EOFError:
            return
        pipe.send(_do(tasks[number], limit))


def _do(task: Callable[[], Any], limit: Limit) -> Any:  # noqa: ANN401
    try:
        return task()
    except HandoutError as error:
        return error
    except MemoryError:
        return limit.say_too_much()
    except Exception as error:  # noqa: BLE001  a bug: raised where the command can tell it
        return error
