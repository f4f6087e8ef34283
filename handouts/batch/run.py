"""Turn a plan into files: masters, then copies through any executor, each noted as it is made."""

from __future__ import annotations

import signal
import threading
from collections import Counter, deque
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, wait
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from itertools import count, islice
from typing import TYPE_CHECKING, Any, TypeVar

from handouts.batch.folder import clear_leavings, hold_folder, open_spool
from handouts.batch.hands import hire, is_lost, size_chunk
from handouts.batch.manifest import Journal, write_manifest
from handouts.batch.masters import make_masters
from handouts.batch.work import STOP, Chunk, Outcome, make_chunk
from handouts.problem import HandoutError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from concurrent.futures import Executor, Future
    from pathlib import Path

    from handouts.batch.manifest import Entry
    from handouts.batch.plan import Plan
    from handouts.batch.work import Copy
    from handouts.booklet.plates import Key
    from handouts.problem import Report

T = TypeVar("T")
_WINDOW = 32
"""Masters that are made before their copies are: 10 MB."""
_WAITING = 2
"""Chunks at hand for each worker, so that none waits for its next."""
_TRIES = 2
"""How often a copy may cost a worker its life before it is given up."""
_LOOK_UP = 0.2
"""Seconds after which one looks whether the work is to stop."""
_PATIENCE = 1.0
"""Seconds that those who work have to come to an end."""


class Run:
    """The work on a plan, which can be stopped at any time and gone on with later."""

    def __init__(self, plan: Plan, report: Report) -> None:
        """Keep what is to be done, and where problems go that are nobody's own."""
        self._plan, self._report = plan, report
        self._made: dict[str, Entry] = {}
        self._left = set(plan.copies)
        self._stop = threading.Event()
        self._spool: Path | None = None
        self._numbers = count()
        self._pressing = False
        self._doubtful = False
        self.interrupted = False
        """Whether somebody wanted it to stop."""

    @property
    def stopped(self) -> bool:
        """Whether the work ended before all was done."""
        return bool(self._left)

    def work(self) -> Iterator[Outcome]:
        """Yield what became of each copy, as it is made.

        Raises:
            HandoutError: ``output-busy``, ``cannot-write`` or ``disk-full`` where nothing can be
                written at all; ``engine-missing``; what a cluster says.
        """
        plan, folder = self._plan, self._plan.order.folder
        with _catch_signals(self), hold_folder(folder):
            clear_leavings(folder, plan.order.booklets.programme)
            journal = Journal(plan.journal, plan.head, plan.kept.values())
            with closing(journal), open_spool(folder) as spool:
                self._spool = plan.rack.spool = spool
                for outcomes in self._make_all(spool):
                    self._note(outcomes, journal)
                    yield from outcomes
            self._spool = plan.rack.spool = None
            clear_leavings(folder, plan.order.booklets.programme)
            self._finish()

    def stop(self) -> None:
        """Let what has begun come to its end, and begin nothing more."""
        self._stop.set()
        if self._spool:
            with suppress(OSError):  # a full disk: those who work see it themselves
                (self._spool / STOP).touch()

    def interrupt(self) -> None:
        """Stop because somebody wants it: at once, where nothing has begun that could be whole."""
        self.interrupted = True
        self.stop()
        if self._pressing:
            raise KeyboardInterrupt

    def _note(self, outcomes: list[Outcome], journal: Journal) -> None:
        entries = self._take_entries(outcomes)
        self._left.difference_update(outcome.copy.client for outcome in outcomes)
        self._made |= {entry.client: entry for entry in entries}
        try:
            journal.add(entries)
        except HandoutError as error:
            self._report.extend(error.report)
            self.stop()
        # No point in going on: every further file would fail as this one.
        if any(problem.code == "disk-full" for out in outcomes for problem in out.problems):
            self.stop()

    def _take_entries(self, outcomes: list[Outcome]) -> list[Entry]:
        """Return what is to be remembered: that it is sound, only if that is certain."""
        entries = [outcome.entry for outcome in outcomes if outcome.entry]
        return [replace(entry, inputs="") for entry in entries] if self._doubtful else entries

    def _make_all(self, spool: Path) -> Iterator[list[Outcome]]:
        for window in _part(self._plan.group().items(), _WINDOW):
            chunks: deque[Chunk] = deque()
            try:
                self._pressing = True
                failed = [*self._make_masters(dict(window), spool, chunks)]
                # A change that is undone before the run ends would not be seen there.
                self._doubtful |= _look_again(self._plan)["inputs"] != self._plan.head["inputs"]
            except KeyboardInterrupt:
                return
            finally:
                self._pressing = False
            yield failed
            yield from self._make_copies(chunks, spool)
            if self._stop.is_set():
                return
            for file in spool.glob("*.master"):
                file.unlink()

    def _make_masters(
        self, groups: dict[Key, list[Copy]], spool: Path, chunks: deque[Chunk]
    ) -> Iterator[Outcome]:
        """Fill the queue with the work of each master; yield what cannot be made at all."""
        plan, order = self._plan, self._plan.order
        readers = [plan.readers[copies[0].client] for copies in groups.values()]
        # Never the same name for another master: a worker keeps what it has read.
        files = [spool / f"{next(self._numbers)}.master" for _ in readers]
        errors = make_masters(plan, readers, files, self._report)
        folder, password = str(order.folder.absolute()), order.booklets.password
        size = size_chunk(len(plan.copies), order.count_workers())
        for copies, file, error in zip(groups.values(), files, errors, strict=True):
            if error:
                yield from (Outcome(copy, None, tuple(error.report)) for copy in copies)
                continue
            chunks += [
                Chunk(str(file), part, folder, order.limit, password)
                for part in _part(copies, size)
            ]

    def _make_copies(self, chunks: deque[Chunk], spool: Path) -> Iterator[list[Outcome]]:
        """Yield what became of each chunk; a lost worker's work is done again by another."""
        suspects: deque[Chunk] = deque()
        lost: Counter[Copy] = Counter()
        while (chunks or suspects) and not self._stop.is_set():
            with hire(self._plan.order, spool) as executor:
                # What may have killed a worker is done alone, so that only the guilty is blamed.
                many = 1 if suspects else self._plan.order.count_workers() * _WAITING
                gone: list[Chunk] = []
                yield from self._drain(executor, suspects or chunks, many, gone)
            for chunk in gone:
                singles = [replace(chunk, copies=(copy,)) for copy in chunk.copies]
                if len(singles) == 1 and many == 1 and not self._stop.is_set():
                    lost[chunk.copies[0]] += 1
                    if lost[chunk.copies[0]] >= _TRIES:
                        yield [_give_up(chunk.copies[0])]
                        continue
                suspects += singles

    def _drain(
        self, executor: Executor, queue: deque[Chunk], many: int, gone: list[Chunk]
    ) -> Iterator[list[Outcome]]:
        """Yield the outcomes of a queue until it is empty, work is to stop, or a worker is lost.

        Args:
            executor: does the work.
            queue: emptied.
            many: chunks at a time.
            gone: gets the chunks that went with a worker.
        """
        going: dict[Future[list[Outcome]], Chunk] = {}
        while going or (queue and not gone and not self._stop.is_set()):
            while queue and len(going) < many and not gone and not self._stop.is_set():
                chunk = queue.popleft()
                try:
                    going[executor.submit(make_chunk, chunk)] = chunk
                except BrokenExecutor:
                    gone.append(chunk)
            done, _ = wait(going, timeout=_LOOK_UP, return_when=FIRST_COMPLETED)
            for future in done:
                chunk = going.pop(future)
                try:
                    outcomes = future.result()
                except Exception as error:
                    if not is_lost(error):
                        raise
                    gone.append(chunk)
                    continue
                yield outcomes
            if self._stop.is_set():
                yield from self._end(going)
                return

    def _end(self, going: Iterable[Future[list[Outcome]]]) -> Iterator[list[Outcome]]:
        """Yield what those who work have made until they see that they are to stop."""
        # What is still in the queue sees it as well, and comes back with nothing made.
        done, _ = wait(going, timeout=_PATIENCE)
        for future in done:
            if not future.cancelled() and future.exception() is None:
                yield future.result()

    def _finish(self) -> None:
        plan = self._plan
        now = _look_again(plan)
        if now["roster"] != plan.head["roster"]:
            self._report.warn(
                "roster-changed",
                "the list of clients has changed since this run began",
                hint="run the same command again: only what the change touches is made",
            )
        if self._doubtful or now["inputs"] != plan.head["inputs"]:
            self._report.warn(
                "inputs-changed",
                "the programme, an exercise or the theme has changed since this run began",
                hint="run the same command again: all that was made now is made anew",
            )
            # Nobody knows what was read before the change, and what after it.
            self._made = {name: replace(entry, inputs="") for name, entry in self._made.items()}
            if self.stopped:  # what goes on with it must not believe the journal either
                entries = {**plan.kept, **self._made}.values()
                write_manifest(plan.journal, {**plan.head, "complete": False}, entries)
        if self.stopped:
            return
        sound = {**plan.unchanged, **self._made}
        listed = [
            entry if entry.listed else replace(entry, listed=True)
            for client in plan.readers
            if (entry := sound.get(client))
        ]
        left = [replace(old, listed=False) for name, old in plan.kept.items() if name not in sound]
        write_manifest(plan.manifest, {**plan.head, "complete": True}, [*listed, *left])
        plan.journal.unlink(missing_ok=True)


def _look_again(plan: Plan) -> dict[str, Any]:
    try:
        return plan.look_again()
    except (OSError, HandoutError):  # one of the files has gone
        return {"roster": plan.head["roster"], "inputs": None}


def _give_up(copy: Copy) -> Outcome:
    problem = Problem(
        "worker-lost",
        f"{copy.client}: the process that made this was killed, {_TRIES} times",
        hint="look whether memory is short; give less of it to each with --workers 1",
    )
    return Outcome(copy, None, (problem,))


def _part(items: Iterable[T], size: int) -> Iterator[tuple[T, ...]]:
    """Yield the items in parts of a size; the last may be smaller."""
    rest = iter(items)
    while part := tuple(islice(rest, size)):
        yield part


@contextmanager
def _catch_signals(run: Run) -> Iterator[None]:
    """Let Ctrl-C and a polite kill end the work in good order while copies are made."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def stop(number: int, frame: object) -> None:
        del frame
        # A second one ends it at once.
        signal.signal(number, before[signal.Signals(number)])
        run.interrupt()

    for number in before:
        signal.signal(number, stop)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
