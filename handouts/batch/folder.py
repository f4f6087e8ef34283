"""Turn a folder for output into one that a run has for itself, clear of what killed runs left."""

from __future__ import annotations

import re
import shutil
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from handouts.bind.publish import cannot_write
from handouts.problem import HandoutError, Place
from handouts.source.workspace import show_path

if TYPE_CHECKING:
    from collections.abc import Iterator

_LOCK, _SPOOL = ".handouts.lock", ".handouts-run-"
_PATIENCE = 1.0
"""Seconds in which the workers of a run that was killed are gone, and its lock with them."""
_UNFINISHED = r"""(?x)
    \.{0}(-.+|\.print)\.pdf\.[a-z0-9_]{{8}}
    | \.\.?{0}(-[a-z]+)?\.(manifest|journal)\.jsonl\.[a-z0-9_]{{8}}
"""


@contextmanager
def hold_folder(folder: Path) -> Iterator[None]:
    """Keep the folder for this run alone.

    Raises:
        HandoutError: ``output-busy``, ``cannot-write`` or ``disk-full``.
    """
    from filelock import FileLock, Timeout

    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / _LOCK)
        lock.acquire(timeout=_PATIENCE)
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


def clear_leavings(folder: Path, name: str) -> None:
    """Delete what killed runs had not finished; nobody else writes here now.

    Args:
        folder: held by this run.
        name: what the run's files begin with.
    """
    unfinished = re.compile(_UNFINISHED.format(re.escape(name)))
    for file in folder.glob(f".*{name}*"):
        if unfinished.fullmatch(file.name):
            with suppress(OSError):  # somebody else's, or a folder: it is in nobody's way
                file.unlink()
    for spool in folder.glob(f"{_SPOOL}*"):
        shutil.rmtree(spool, ignore_errors=True)


@contextmanager
def open_spool(folder: Path) -> Iterator[Path]:
    """Give a folder of our own for masters, where every worker finds them.

    Raises:
        HandoutError: ``cannot-write`` or ``disk-full``.
    """
    try:
        spool = Path(tempfile.mkdtemp(prefix=_SPOOL, dir=folder)).absolute()
    except OSError as error:
        raise cannot_write(folder, error) from None
    try:
        yield spool
    finally:
        shutil.rmtree(spool, ignore_errors=True)
