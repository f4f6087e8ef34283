"""Turn a master and a handful of clients into their files: what one worker does at a time.

Everything here goes to another process, perhaps on another machine, and comes back: plain data.
"""

from __future__ import annotations

import gc
import os
import pickle
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from handouts.batch.limit import begin_work
from handouts.batch.manifest import Entry
from handouts.bind.publish import cannot_write, write_draft
from handouts.booklet.bindery import fill_parts
from handouts.problem import HandoutError

if TYPE_CHECKING:
    from hashlib import _Hash as Hash

    from handouts.batch.limit import Limit
    from handouts.bind.master import Master
    from handouts.bind.publish import Draft
    from handouts.problem import Problem

STOP = "stop"
"""The file beside the masters that tells workers, wherever they are, to begin nothing more."""
_WRITERS = 8
"""Files that a worker waits for at a time."""
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
    begin_work(limit, spool)
    # What was there before lives as long as the worker: nobody needs to look through it again.
    gc.freeze()


def make_chunk(chunk: Chunk) -> list[Outcome]:
    """Return what became of each copy; one that fails leaves the others as they are.

    Where the run is to stop, what has not begun is not begun.
    """
    stop = os.path.join(os.path.dirname(chunk.master), STOP)  # noqa: PTH118, PTH120  asked often
    with ExitStack() as opened:
        begun: list[_Begun | Outcome] = []
        for copy in chunk.copies:
            if os.path.exists(stop):  # noqa: PTH110
                break
            begun.append(_begin_copy(chunk, copy, opened))
        # Flushing a file to the disk is waiting, and a disk answers several at once: 3.4 → 0.4 ms
        # each. All are on their way by now, so that what each one waits for is short.
        size = max(1, -(-len(begun) // _WRITERS))
        parts = [begun[at : at + size] for at in range(0, len(begun), size)]
        with ThreadPoolExecutor(_WRITERS) as writers:
            return [*chain.from_iterable(writers.map(_end_copies, parts))]


def keep_master(master: Master, file: Path) -> None:
    """Lay a master where workers find it.

    Raises:
        HandoutError: ``cannot-write`` or ``disk-full``.
    """
    try:
        file.write_bytes(pickle.dumps(master, protocol=pickle.HIGHEST_PROTOCOL))
    except OSError as error:
        raise cannot_write(file.parent, error) from None


@dataclass(frozen=True, slots=True)
class _Begun:
    """A copy that is on its way to the disk."""

    copy: Copy
    target: str
    draft: Draft | None
    """None if the file says the same already."""
    digest: str
    size: int


def _begin_copy(chunk: Chunk, copy: Copy, opened: ExitStack) -> _Begun | Outcome:
    """Write a copy beside its place, or say what stops it."""
    target = os.path.join(chunk.folder, copy.file)  # noqa: PTH118
    try:
        master = _find_master(chunk.master)
    except OSError as error:
        return _say_failed(copy, cannot_write(Path(chunk.folder), error))
    try:
        with chunk.limit.watch():
            parts = fill_parts(master, copy.name, chunk.password)
        draft = write_draft(target, *parts)
    except HandoutError as error:
        return _say_failed(copy, error)
    except OSError as error:
        return _say_failed(copy, cannot_write(Path(target), error))
    if draft:
        opened.callback(draft.close)
        draft.send_off()
    return _Begun(copy, target, draft, _hash(chunk.master, parts), sum(map(len, parts)))


def _end_copies(begun: list[_Begun | Outcome]) -> list[Outcome]:
    return [each if isinstance(each, Outcome) else _end_copy(each) for each in begun]


def _end_copy(begun: _Begun) -> Outcome:
    """Wait until a copy is on the disk, and note it for the manifest."""
    copy = begun.copy
    try:
        if begun.draft:
            begun.draft.publish()
        modified = os.stat(begun.target).st_mtime_ns  # noqa: PTH116
    except OSError as error:
        return _say_failed(copy, cannot_write(Path(begun.target), error))
    now = datetime.now(UTC).isoformat(timespec="seconds")
    entry = Entry(copy.client, copy.file, begun.digest, begun.size, modified, copy.inputs, now)
    return Outcome(copy, entry)


def _say_failed(copy: Copy, error: HandoutError) -> Outcome:
    return Outcome(copy, None, tuple(error.report))


def _hash(master: str, parts: tuple[bytes, ...]) -> str:
    """Return the SHA-256 of the parts; of what all copies begin with it is reckoned once."""
    first, *rest = parts
    digest = _begin_hash(master).copy() if first is _find_master(master).pdf else sha256(first)
    for part in rest:
        digest.update(part)
    return digest.hexdigest()


@lru_cache(maxsize=_MASTERS)
def _begin_hash(file: str) -> Hash:
    return sha256(_find_master(file).pdf)


@lru_cache(maxsize=_MASTERS)
def _find_master(file: str) -> Master:
    # Our own, from the folder of this run, which nobody else may write to.
    master: Master = pickle.loads(Path(file).read_bytes())  # noqa: S301
    return master
