"""Turn finished bytes into a file that is whole or absent, never half-written."""

from __future__ import annotations

import errno
import os
import tempfile
import threading
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from handouts.problem import HandoutError, Place

if TYPE_CHECKING:
    from collections.abc import Iterator

_one_at_a_time = threading.Lock()


def publish(target: Path, data: bytes) -> bool:
    """Write the bytes to ``target``; return False if the file says the same already.

    A temporary file in the same folder is flushed to disk and then takes the name, so that a
    power cut or a full disk leaves the old file or the new one.

    Raises:
        HandoutError: ``cannot-write`` or ``disk-full``; the old file is as it was.
    """
    try:
        if _same(target, data):
            return False
    except OSError as error:
        raise cannot_write(target, error) from None
    with publish_stream(target) as stream:
        stream.write(data)
    return True


@contextmanager
def publish_stream(target: Path) -> Iterator[BinaryIO]:
    """Give a stream whose content takes the name of ``target`` when all of it has been written.

    Raises:
        HandoutError: ``cannot-write`` or ``disk-full``; the old file is as it was.
    """
    try:
        with ExitStack() as opened:
            temporary, stream = _stage(target, b"", opened)
            yield stream
            _take_name(temporary, stream, target)
    except OSError as error:
        raise cannot_write(target, error) from None


def _stage(target: Path, data: bytes, opened: ExitStack) -> tuple[Path, BinaryIO]:
    """Write to a file beside the target, which is gone at the end unless it has taken the name."""
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    temporary = Path(name)
    opened.callback(temporary.unlink, missing_ok=True)
    stream = opened.enter_context(os.fdopen(handle, "wb"))
    stream.write(data)
    stream.flush()
    return temporary, stream


def _take_name(temporary: Path, stream: BinaryIO, target: Path) -> None:
    stream.flush()
    os.fsync(stream.fileno())
    # An open file has no name to give on Windows.
    stream.close()
    temporary.chmod(0o666 & ~_umask())
    temporary.replace(target)


def _same(target: Path, data: bytes) -> bool:
    try:
        return target.stat().st_size == len(data) and target.read_bytes() == data
    except FileNotFoundError:
        return False


def _umask() -> int:
    # It can only be read by setting it, which two threads must not do at a time.
    with _one_at_a_time:
        mask = os.umask(0)
        os.umask(mask)
    return mask


def cannot_write(target: Path, error: OSError) -> HandoutError:
    """Return the problem of a file or folder that cannot be written."""
    full = error.errno in {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}
    return HandoutError.of(
        "disk-full" if full else "cannot-write",
        f"the file cannot be written ({error.strerror or error})",
        Place(str(target)),
        hint="free some space, close the file in other programs, or choose --output",
    )
