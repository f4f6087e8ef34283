"""Turn finished bytes into a file that is whole or absent, never half-written."""

from __future__ import annotations

import errno
import os
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from handouts.problem import HandoutError, Place

if TYPE_CHECKING:
    from collections.abc import Iterator

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
_MODE = 0o666
"""As any other file: the system takes away what the user's mask says."""
_CHANCE = 4
"""Bytes that tell a draft from what a killed run has left."""


class Draft:
    """A file beside its target, which takes its name when it is whole, or is gone."""

    def __init__(self, target: str) -> None:
        """Begin with nothing in it.

        Raises:
            OSError: the folder cannot be made, or not be written to.
        """
        self._target, self._settled = target, False
        folder, name = os.path.split(target)
        self._name = os.path.join(folder, f".{name}.{os.urandom(_CHANCE).hex()}")  # noqa: PTH118  it is asked often
        try:
            self.handle = os.open(self._name, _NEW, _MODE)
        except FileNotFoundError:
            Path(folder).mkdir(parents=True, exist_ok=True)
            self.handle = os.open(self._name, _NEW, _MODE)

    def write(self, *parts: bytes) -> None:
        """Write these bytes, one part after the other.

        Raises:
            OSError: the disk is full.
        """
        for part in parts:
            rest = memoryview(part)
            while rest:
                rest = rest[os.write(self.handle, rest) :]

    def send_off(self) -> None:
        """Let the system begin to bring it to the disk; nobody waits for it yet."""
        if hasattr(os, "posix_fadvise"):
            # What is "not needed" in memory is written out at once (Linux, posix_fadvise(2)).
            with suppress(OSError):
                os.posix_fadvise(self.handle, 0, 0, os.POSIX_FADV_DONTNEED)

    def publish(self) -> None:
        """Wait until all of it is on the disk, and let it take the target's name.

        Raises:
            OSError: it could not be written; the old file is as it was.
        """
        os.fsync(self.handle)
        # An open file has no name to give on Windows.
        self._close()
        os.replace(self._name, self._target)  # noqa: PTH105  it is asked often
        self._settled = True

    def close(self) -> None:
        """Delete it unless it was published."""
        if not self._settled:
            self._settled = True
            with suppress(OSError):
                self._close()
            with suppress(OSError):  # a folder that is read-only by now: the next run tries again
                Path(self._name).unlink()

    def _close(self) -> None:
        handle, self.handle = self.handle, -1
        if handle >= 0:
            os.close(handle)


def publish(target: Path, data: bytes) -> bool:
    """Write the bytes to ``target``; return False if the file says the same already.

    A temporary file in the same folder is flushed to disk and then takes the name, so that a
    power cut or a full disk leaves the old file or the new one.

    Raises:
        HandoutError: ``cannot-write`` or ``disk-full``; the old file is as it was.
    """
    try:
        draft = write_draft(str(target), data)
        if draft is None:
            return False
        with closing(draft):
            draft.publish()
    except OSError as error:
        raise cannot_write(target, error) from None
    return True


@contextmanager
def publish_stream(target: Path) -> Iterator[BinaryIO]:
    """Give a stream whose content takes the name of ``target`` when all of it has been written.

    Raises:
        HandoutError: ``cannot-write`` or ``disk-full``; the old file is as it was.
    """
    try:
        with closing(Draft(str(target))) as draft:
            with os.fdopen(draft.handle, "wb", closefd=False) as stream:
                yield stream
            draft.publish()
    except OSError as error:
        raise cannot_write(target, error) from None


def write_draft(target: str, *parts: bytes) -> Draft | None:
    """Return a draft with these bytes in it, or None if the file says the same already.

    Raises:
        OSError: it cannot be written, and nothing is left of it.
    """
    if _same(target, parts):
        return None
    draft = Draft(target)
    try:
        draft.write(*parts)
    except BaseException:
        draft.close()
        raise
    return draft


def _same(target: str, parts: tuple[bytes, ...]) -> bool:
    try:
        if os.stat(target).st_size != sum(map(len, parts)):  # noqa: PTH116  it is asked often
            return False
        with open(target, "rb") as stream:  # noqa: PTH123
            return all(stream.read(len(part)) == part for part in parts)
    except FileNotFoundError:
        return False


def cannot_write(target: Path, error: OSError) -> HandoutError:
    """Return the problem of a file or folder that cannot be written."""
    full = error.errno in {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}
    return HandoutError.of(
        "disk-full" if full else "cannot-write",
        f"the file cannot be written ({error.strerror or error})",
        Place(str(target)),
        hint="free some space, close the file in other programs, or choose --output",
    )
