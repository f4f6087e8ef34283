"""Turn the time in which a batch is planned into presses that stand ready when it has been.

To load the layout engine takes as long as to read and check a batch, and neither needs the other.
So one process loads it while the plan is made, and doubles itself for each who has pages to lay
out. Those dress them, for the faults of templates are theirs, and hand the markup on.
"""

from __future__ import annotations

import atexit
import gc
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, TypeAlias

from handouts.batch.limit import begin_guarded, can_guard, hear_nothing
from handouts.problem import HandoutError, Report

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess
    from pathlib import Path

    from handouts.batch.limit import Limit
    from handouts.batch.order import BatchOrder
    from handouts.model.markup import Markup
    from handouts.press.plate import Plate
    from handouts.problem import Place, Problem

    Answer: TypeAlias = tuple[Plate | Exception | None, list[Problem]]

_CROWD = 2
"""Who is alone loads the engine no sooner by asking another to do it."""
_PATIENCE = 1.0
"""Seconds in which the one who stands by answers, unless it still loads the engine, or hangs."""


@contextmanager
def stand_by(orders: Iterable[BatchOrder]) -> Iterator[Standby | None]:
    """Give a process that has the engine soon; None where there is no processor to spare."""
    hands = max((order.count_layers() for order in orders), default=0)
    if hands < _CROWD or not can_guard():
        yield None
        return
    standby = None
    try:
        # Who is told to stop from here on dismisses it.
        with hear_nothing(), suppress(OSError):  # no room for a process more: without it, then
            standby = Standby()
        yield standby
    finally:
        if standby:
            standby.dismiss()


class Standby:
    """A process that loads the engine, and then doubles itself whenever it is told to."""

    def __init__(self) -> None:
        """Call it, and do not wait for it."""
        from multiprocessing import get_context

        context = get_context("fork")
        self._line, theirs = context.Pipe()
        self._process: BaseProcess = context.Process(target=_stand_by, args=(theirs,))
        self._process.start()
        # Who leaves in another way than by dismissing it would wait for it to end.
        atexit.register(self._process.kill)
        theirs.close()
        self._lent = 0

    def lend(self, limit: Limit, spool: Path | str | None) -> Lent | None:
        """Return a press, perhaps before it is there; None if the one who stood by has gone.

        Args:
            limit: what it may take.
            spool: where nothing stays behind if it is killed.
        """
        from multiprocessing import get_context
        from multiprocessing.reduction import send_handle

        pipe, theirs = get_context("fork").Pipe()
        self._lent += 1
        try:
            self._line.send((self._lent, limit, spool))
            send_handle(self._line, theirs.fileno(), self._process.pid)
        except OSError:
            pipe.close()
            return None
        finally:
            theirs.close()
        return Lent(pipe, self, self._lent)

    def take_back(self, number: int) -> int | None:
        """End a press that was lent; return how it ended, as processes do, if that is known.

        One who does not answer is ended, with all that it has lent: what it waits for, a disk that
        has gone say, nobody else shall wait for.
        """
        try:
            self._line.send((number, None, None))
            if self._line.poll(_PATIENCE):
                code: int | None = self._line.recv()
                return code
            self._process.kill()
        except (EOFError, OSError):
            pass
        return None

    def dismiss(self) -> None:
        """End it, and with it all that it has lent."""
        with hear_nothing():
            self._process.kill()
            self._process.join()
            self._line.close()
            atexit.unregister(self._process.kill)


class Lent:
    """A press that was lent to one who has pages to lay out."""

    def __init__(self, pipe: Connection, standby: Standby, number: int) -> None:
        """Keep the way to it, and whose it is."""
        self.pipe = pipe
        self._standby, self._number = standby, number

    def end(self) -> int | None:
        """End it; return how it ended, as processes do, if that is known."""
        return self._standby.take_back(self._number)


def ask_press(
    pipe: Connection,
    markup: Markup,
    place: Place | None,
    report: Report,
    most_pages: int | None = None,
) -> Plate | None:
    """Return the plate of a markup as :func:`press_plate` does, from the press behind a pipe.

    Where that has gone, so does who asks: both are one to those who guard them.
    """
    try:
        pipe.send((markup, place, most_pages))
        plate, problems = pipe.recv()
    except (EOFError, OSError):
        sys.exit(1)
    report.extend(problems)
    if isinstance(plate, Exception):
        raise plate
    made: Plate | None = plate
    return made


def _stand_by(line: Connection) -> None:
    from multiprocessing import get_context
    from multiprocessing.connection import Connection
    from multiprocessing.reduction import recv_handle

    begin_guarded()
    from handouts.press.store import prepare_press

    with suppress(HandoutError):  # who has pages to lay out finds it missing as well, and says so
        prepare_press()
    # A double that looks through all this would make it its own, page by page.
    gc.freeze()
    lent: dict[int, BaseProcess] = {}
    with suppress(EOFError):
        while True:
            number, limit, spool = line.recv()
            if number in lent:
                line.send(_end(lent.pop(number)))
                continue
            pipe = Connection(recv_handle(line))
            lent[number] = get_context("fork").Process(
                target=_serve, args=(pipe, line, limit, spool), daemon=True
            )
            lent[number].start()
            pipe.close()


def _end(process: BaseProcess) -> int | None:
    process.kill()
    process.join()
    return process.exitcode


def _serve(pipe: Connection, line: Connection, limit: Limit, spool: Path | str | None) -> None:
    line.close()
    begin_guarded(limit, spool)
    with suppress(EOFError):
        while True:
            pipe.send(_press(*pipe.recv()))


def _press(markup: Markup, place: Place | None, most_pages: int | None) -> Answer:
    from handouts.press.store import press_plate

    report = Report()
    try:
        return press_plate(markup, place, report, most_pages), [*report]
    except Exception as error:  # noqa: BLE001  whoever asked raises it
        return error, [*report]
