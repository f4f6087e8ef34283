"""Turn a master and a handful of clients into their files: what one worker does at a time.

Everything here goes to another process, perhaps on another machine, and comes back: plain data.
"""

from __future__ import annotations

import pickle
import signal
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from handouts.batch.limit import follow_parent
from handouts.batch.manifest import Entry
from handouts.bind.publish import cannot_write, publish
from handouts.booklet.bindery import fill_booklet
from handouts.problem import HandoutError

if TYPE_CHECKING:
    from concurrent.futures import Future
    from hashlib import _Hash as Hash

    from handouts.batch.limit import Limit
    from handouts.bind.master import Master
    from handouts.problem import Problem

STOP = "stop"
"""The file beside the masters that tells workers, wherever they are, to begin nothing more."""
_WRITERS = 8
"""Files that a worker writes at a time."""
_MASTERS = 4
"""That a worker keeps open: some 400 kB each."""


@dataclass(frozen=True, slots=True)
class Copy:
    """A booklet that is to be made of a master."""

    client: str
    """The client's id."""
    name: str
    file: str
    """Its name inside the folder."""
    inputs: str
    """A hash of all that the file depends on."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """What is given to a worker at a time."""

    master: str
    """The file that the master lies in."""
    copies: tuple[Copy, ...]
    folder: str
    limit: Limit
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a copy: an entry of the manifest, or the problems that stopped it."""

    copy: Copy
    entry: Entry | None
    problems: tuple[Problem, ...] = ()


def begin_worker(limit: Limit, spool: str) -> None:
    """Prepare a process for its work.

    Args:
        limit: what it may take.
        spool: the run's own folder, where nothing stays behind if this process is killed.
    """
    # Ctrl-C is for the one who gave the order: what has begun is brought to its end. And who is
    # told to go, goes: a fork has its parent's handlers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    follow_parent()
    tempfile.tempdir = spool
    limit.hold_memory()


def make_chunk(chunk: Chunk) -> list[Outcome]:
    """Return what became of each copy; one that fails leaves the others as they are.

    Where the run is to stop, what has not begun is not begun.
    """
    stop = Path(chunk.master).with_name(STOP)
    waiting: list[Future[Outcome]] = []
    # Flushing a file to the disk is waiting: several wait together, 3.8 → 0.9 ms each.
    with ThreadPoolExecutor(_WRITERS) as writers:
        for copy in chunk.copies:
            if stop.exists():
                break
            waiting.append(writers.submit(_keep_copy, chunk, copy, _fill(chunk, copy)))
        return [outcome.result() for outcome in waiting]


def keep_master(master: Master, file: Path) -> None:
    """Lay a master where workers find it.

    Raises:
        HandoutError: ``cannot-write`` or ``disk-full``.
    """
    try:
        file.write_bytes(pickle.dumps(master, protocol=pickle.HIGHEST_PROTOCOL))
    except OSError as error:
        raise cannot_write(file.parent, error) from None


def _fill(chunk: Chunk, copy: Copy) -> bytes | HandoutError:
    """Return the finished PDF, or what stops it."""
    try:
        with chunk.limit.watch():
            return fill_booklet(_find_master(chunk.master), copy.name, chunk.password)
    except HandoutError as error:
        return error
    except OSError as error:  # the master cannot be read
        return cannot_write(Path(chunk.folder), error)


def _keep_copy(chunk: Chunk, copy: Copy, pdf: bytes | HandoutError) -> Outcome:
    """Write a PDF and note it for the manifest."""
    if isinstance(pdf, HandoutError):
        return Outcome(copy, None, tuple(pdf.report))
    target = Path(chunk.folder) / copy.file
    try:
        publish(target, pdf)
        modified = target.stat().st_mtime_ns
    except HandoutError as error:
        return Outcome(copy, None, tuple(error.report))
    except OSError as error:  # the file was there a moment ago
        return Outcome(copy, None, tuple(cannot_write(target, error).report))
    digest = _hash(chunk, pdf)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    entry = Entry(copy.client, copy.file, digest, len(pdf), modified, copy.inputs, now)
    return Outcome(copy, entry)


def _hash(chunk: Chunk, pdf: bytes) -> str:
    """Return the SHA-256; of what all copies begin with it is reckoned once."""
    begin = _find_master(chunk.master).pdf
    if chunk.password is not None or len(pdf) < len(begin):
        return sha256(pdf).hexdigest()
    digest = _begin_hash(chunk.master).copy()
    digest.update(memoryview(pdf)[len(begin) :])
    return digest.hexdigest()


@lru_cache(maxsize=_MASTERS)
def _begin_hash(file: str) -> Hash:
    return sha256(_find_master(file).pdf)


@lru_cache(maxsize=_MASTERS)
def _find_master(file: str) -> Master:
    # Our own, from the folder of this run, which nobody else may write to.
    master: Master = pickle.loads(Path(file).read_bytes())  # noqa: S301
    return master
