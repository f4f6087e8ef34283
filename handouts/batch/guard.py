"""Turn pieces of work that may hang, crash or eat all memory into results, or into problems.

Each is done by a process that can be killed: an alarm inside it would not be heard while a library
computes, and want of memory ends some libraries without a word to Python.
"""

from __future__ import annotations

import signal
import time
from collections import Counter, deque
from contextlib import nullcontext, suppress
from dataclasses import dataclass, replace
from functools import partial
from importlib import import_module
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, TypeVar

from handouts.batch.limit import begin_guarded, can_guard, hear_nothing
from handouts.batch.standby import ask_press
from handouts.booklet.plates import Pressed, Rack, press_with
from handouts.problem import ExitCode, HandoutError, Report

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess
    from pathlib import Path

    from handouts.batch.limit import Limit
    from handouts.batch.standby import Lent, Standby
    from handouts.booklet.plates import Key

T = TypeVar("T")
_LOADING = 1.0
"""Seconds in which a process can load the layout engine, which is nobody's own time."""
_NAMELESS = {"took-too-long", "took-too-much", "worker-lost"}
_BINDER = ("pikepdf", "lxml.etree", "reportlab.pdfgen.canvas", "reportlab.pdfbase.ttfonts")
_TRIES = 2
"""How often a piece of work may cost a process its life before it is given up."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a process that is guarded may take, and what it is given."""

    limit: Limit
    spool: Path | str | None = None
    """Where nothing stays behind if the process is killed."""
    standby: Standby | None = None
    """Has the layout engine, for work that lays out pages."""


class GuardedRack(Rack):
    """The plates of a batch: one that cannot be made leaves the others as they are."""

    def __init__(
        self, programme: str, limit: Limit, hands: int, standby: Standby | None = None
    ) -> None:
        """Begin with none.

        Args:
            programme: whose plates they are, for problems.
            limit: what one plate may take.
            hands: how many are made at a time.
            standby: has the layout engine.
        """
        super().__init__()
        self._programme, self._limit = programme, limit
        self._hands, self._standby = hands, standby
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
            terms = Terms(self._limit, spool, self._standby)
            for number, result in guard(tasks, terms, self._hands, _load_binder):
                key = keys[number]
                if isinstance(result, Pressed):
                    self._made[key] = result
                elif result.exit_code is ExitCode.ENGINE:
                    raise result
                else:
                    page = next((str(part).strip("_") for part in key if isinstance(part, str)), "")
                    report = name_problems(result.report, self._programme, page)
                    self._made[key] = Pressed(None, report)


def name_problems(report: Report, programme: str, what: str) -> Report:
    """Return the problems with what they are about, where nothing else says it.

    Args:
        report: the problems; some may have been named before.
        programme: the programme's slug.
        what: the part of its booklets.
    """
    whose, said = f"{programme}, ", f"{programme}, {what}: "
    return Report(
        [
            replace(problem, message=said + problem.message)
            if problem.code in _NAMELESS and not problem.message.startswith(whose)
            else problem
            for problem in report
        ]
    )


def guard(
    tasks: Sequence[Callable[[], T]],
    terms: Terms,
    hands: int,
    meanwhile: Callable[[], None] | None = None,
) -> Iterator[tuple[int, T | HandoutError]]:
    """Yield the number of each piece of work and its result, as they come.

    Work that breaks the limit, or its process, yields the problem in place of a result.

    Args:
        tasks: the work.
        terms: what each piece may take.
        hands: how many are done at a time.
        meanwhile: what the one who waits does while others work, whole, whoever calls.
    """
    waiting = deque(range(len(tasks)))
    lost: Counter[int] = Counter()
    crew: list[_Hand] = []
    try:
        while waiting or crew:
            while waiting and len(crew) < hands:
                crew.append(_Hand(tasks, terms))
                crew[-1].give(waiting.popleft())
            if meanwhile:
                with hear_nothing():  # half a library is worse than none
                    meanwhile()
                meanwhile = None
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


def _load_binder() -> None:
    """Load what binds the plates, 90 ms, while they are made."""
    for library in _BINDER:
        import_module(library)


def _wait(crew: Sequence[_Hand]) -> list[_Hand]:
    """Return those who have something to say, or whose time is over."""
    from multiprocessing.connection import wait

    left = min(hand.deadline for hand in crew) - time.monotonic()
    heard = wait([hand.pipe for hand in crew], timeout=max(left, 0))
    now = time.monotonic()
    return [hand for hand in crew if hand.pipe in heard or hand.deadline <= now]


class _Hand:
    """A process that does one piece of work after the other."""

    def __init__(self, tasks: Sequence[Callable[[], Any]], terms: Terms) -> None:
        from multiprocessing import get_context

        context = get_context("fork")
        self._limit = terms.limit
        standby = terms.standby
        self._press = standby.lend(terms.limit, terms.spool) if standby else None
        self.pipe: Connection
        self.pipe, theirs = context.Pipe()
        self._process: BaseProcess = context.Process(
            target=_serve, args=(theirs, tasks, terms, self._press), daemon=True
        )
        with hear_nothing():
            self._process.start()
        # So that the pipes end with the process.
        theirs.close()
        if self._press:
            self._press.pipe.close()
        self.number, self.deadline = 0, 0.0
        self._allowance = _LOADING
        self._ends: set[int | None] = set()
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
        # Libraries in C end the process where they get no more memory: abort(3).
        if -signal.SIGABRT in self._end():
            return self._limit.say_too_much()
        return HandoutError.of(
            "worker-lost",
            f"the process that laid this out was killed, {_TRIES} times",
            hint="look whether memory is short; give less of it to each with --workers 1",
        )

    def dismiss(self) -> None:
        self.pipe.close()
        self._process.kill()
        self._end()

    def _end(self) -> set[int | None]:
        """Return how the process has ended, and the press that it had."""
        self._process.join()
        if self._press:
            self._ends.add(self._press.end())
            self._press = None
        return self._ends | {self._process.exitcode}


def _serve(
    pipe: Connection, tasks: Sequence[Callable[[], Any]], terms: Terms, press: Lent | None
) -> None:
    begin_guarded(terms.limit, terms.spool)
    if press:
        press_with(partial(ask_press, press.pipe))
    while True:
        try:
            number = pipe.recv()
        except EOFError:
            return
        pipe.send(_do(tasks[number], terms.limit))


def _do(task: Callable[[], Any], limit: Limit) -> Any:  # noqa: ANN401
    try:
        return task()
    except HandoutError as error:
        return error
    except MemoryError:
        return limit.say_too_much()
    except Exception as error:  # noqa: BLE001  a bug: raised where the command can tell it
        return error
