"""Turn a plan into files: masters, then copies through any executor, each noted as it is made."""

from __future__ import annotations

import shutil
import signal
import tempfile
import threading
from collections import Counter, deque
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, wait
from contextlib import closing, contextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from handouts.batch.hands import count_workers, hire
from handouts.batch.manifest import Journal, write_manifest
from handouts.batch.plan import find_list
from handouts.batch.work import Chunk, Outcome, keep_master, make_chunk
from handouts.bind.publish import cannot_write
from handouts.bind.shelf import fingerprint_files
from handouts.problem import HandoutError, Place, Problem
from handouts.source.workspace import show_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from concurrent.futures import Executor, Future

    from handouts.batch.manifest import Entry
    from handouts.batch.plan import Plan
    from handouts.batch.work import Copy
    from handouts.booklet.plates import Key
    from handouts.problem import Report

T = TypeVar("T")
_CHUNK = 25
"""Copies given to a worker at a time: some 20 ms of work."""
_WINDOW = 32
"""Masters that are made before their copies are: 10 MB."""
_WAITING = 2
"""Chunks at hand for each worker, so that none waits for its next."""
_TRIES = 2
"""How often a copy may cost a worker its life before it is given up."""
_LOOK_UP = 0.2
"""Seconds after which one looks whether the work is to stop."""
_LOCK, _SPOOL = ".handouts.lock", ".handouts-run-"


class Run:
    """The work on a plan, which can be stopped at any time and gone on with later."""

    def __init__(self, plan: Plan, report: Report) -> None:
        """Keep what is to be done, and where problems go that are nobody's own."""
        self._plan, self._report = plan, report
        self._made: dict[str, Entry] = {}
        self._stop = threading.Event()
        self.stopped = False
        """Whether the work ended before all was done."""

    def work(self) -> Iterator[Outcome]:
        """Yield what became of each copy, as it is made.

        Raises:
            HandoutError: ``output-busy``, ``cannot-write`` or ``disk-full`` where nothing can be
                written at all; ``engine-missing``; what a cluster says.
        """
        plan = self._plan
        with _hold(plan.order.folder):
            _clear_leavings(plan)
            journal = Journal(plan.journal, plan.head, plan.kept.values())
            with closing(journal), _open_spool(plan.order.folder) as spool:
                for outcomes in self._make_all(spool):
                    entries = [outcome.entry for outcome in outcomes if outcome.entry]
                    self._made |= {entry.client: entry for entry in entries}
                    journal.add(entries)
                    yield from outcomes
            self._finish()

    def stop(self) -> None:
        """Let what has begun come to its end, and begin nothing more."""
        self._stop.set()

    def _make_all(self, spool: Path) -> Iterator[list[Outcome]]:
        for window in _part(self._plan.group().items(), _WINDOW):
            if self._stop.is_set():
                self.stopped = True
                return
            chunks: deque[Chunk] = deque()
            yield [*self._make_masters(dict(window), spool, chunks)]
            with _catch_signals(self):
                yield from self._make_copies(chunks)
            for file in spool.iterdir():
                file.unlink()

    def _make_masters(
        self, groups: dict[Key, list[Copy]], spool: Path, chunks: deque[Chunk]
    ) -> Iterator[Outcome]:
        """Fill the queue with the work of each master; yield what cannot be made at all."""
        plan, order = self._plan, self._plan.order
        readers = {key: plan.readers[copies[0].client] for key, copies in groups.items()}
        plan.workshop.press(readers.values(), order.limit.watch)
        for number, (key, copies) in enumerate(groups.items()):
            try:
                with order.limit.watch():
                    master = plan.workshop.bind(readers[key], self._report)
            except HandoutError as error:
                yield from (Outcome(copy, None, tuple(error.report)) for copy in copies)
                continue
            file = spool / f"{number}.master"
            keep_master(master, file)
            folder, password = str(order.folder.absolute()), order.booklets.password
            chunks += [
                Chunk(str(file.absolute()), part, folder, order.limit, password)
                for part in _part(copies, _CHUNK)
            ]

    def _make_copies(self, chunks: deque[Chunk]) -> Iterator[list[Outcome]]:
        """Yield what became of each chunk; a lost worker's work is done again by another."""
        suspects: deque[Chunk] = deque()
        lost: Counter[Copy] = Counter()
        while (chunks or suspects) and not self._stop.is_set():
            with hire(self._plan.order) as executor:
                # What may have killed a worker is done alone, so that only the guilty is blamed.
                many = 1 if suspects else count_workers(self._plan.order) * _WAITING
                gone: list[Chunk] = []
                yield from self._drain(executor, suspects or chunks, many, gone)
            for chunk in gone:
                singles = [replace(chunk, copies=(copy,)) for copy in chunk.copies]
                if len(singles) == 1 and many == 1:
                    lost[chunk.copies[0]] += 1
                    if lost[chunk.copies[0]] >= _TRIES:
                        yield [_give_up(chunk.copies[0])]
                        continue
                suspects += singles
        if chunks or suspects:
            self.stopped = True

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
                except BrokenExecutor:
                    gone.append(chunk)
                    continue
                self._look_for_end(outcomes)
                yield outcomes

    def _look_for_end(self, outcomes: list[Outcome]) -> None:
        """Stop where there is no point in going on: every further file would fail as this one."""
        if any(problem.code == "disk-full" for out in outcomes for problem in out.problems):
            self._stop.set()
            self.stopped = True

    def _finish(self) -> None:
        plan = self._plan
        if fingerprint_files([find_list(plan.order.booklets)]) != plan.head["roster"]:
            self._report.warn(
                "roster-changed",
                "the list of clients has changed since this run began",
                hint="run the same command again: only what the change touches is made",
            )
        if self.stopped:
            return
        entries = {**plan.kept, **self._made}
        listed = [entries.pop(client) for client in plan.readers if client in entries]
        write_manifest(plan.manifest, {**plan.head, "complete": True}, [*listed, *entries.values()])
        plan.journal.unlink(missing_ok=True)


def _clear_leavings(plan: Plan) -> None:
    """Delete what a killed run had not finished; nobody else writes here now."""
    for part in plan.order.folder.glob(f".{plan.order.booklets.programme}-*.pdf.*"):
        part.unlink(missing_ok=True)
    for spool in plan.order.folder.glob(f"{_SPOOL}*"):
        shutil.rmtree(spool, ignore_errors=True)


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
def _hold(folder: Path) -> Iterator[None]:
    """Keep the folder for this run alone.

    Raises:
        HandoutError: ``output-busy`` or ``cannot-write``.
    """
    from filelock import FileLock, Timeout

    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / _LOCK)
        lock.acquire(timeout=0)
    except Timeout:
        raise HandoutError.of(
            "output-busy",
            "another run is writing into this folder",
            Place(show_path(folder)),
            hint="wait until it has ended, or choose another --output",
        ) from None
    except OSError as error:
        raise cannot_write(folder, error) from None
    try:
        yield
    finally:
        # The file stays: one that is deleted can be locked by two.
        lock.release()


@contextmanager
def _open_spool(folder: Path) -> Iterator[Path]:
    """Give a folder of our own for masters, where every worker finds them."""
    try:
        spool = Path(tempfile.mkdtemp(prefix=_SPOOL, dir=folder))
    except OSError as error:
        raise cannot_write(folder, error) from None
    try:
        yield spool
    finally:
        shutil.rmtree(spool, ignore_errors=True)


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
        run.stop()

    for number in before:
        signal.signal(number, stop)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
