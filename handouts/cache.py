"""Turn the name of something made before into its bytes, or into nothing; never into an error.

The cache may vanish, be unwritable or hold another version's bytes at any time: whoever reads from
it checks what it gets and can make it anew. It never grows far beyond its cap, and nothing that is
not its own is ever deleted.
"""

from __future__ import annotations

import contextlib
import math
import os
import random
import re
import stat
import tempfile
import time
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

CAP_VARIABLE = "HANDOUTS_CACHE_SIZE"
MEGABYTE = 1_000_000
_DEFAULT_CAP = 500
"""In MB: some 5,000 handouts or 7,000 plates."""
# So much of the cap is written, on average, between two looks at the whole; and so much is left
# free then. By chance, because it needs no memory that several processes would have to share.
_BETWEEN, _FREED = 0.05, 0.1
_STALE = 3600.0
"""Seconds after which a half-written file has nobody who is still at it."""
_WRITABLE_BY_OTHERS = stat.S_IWGRP | stat.S_IWOTH
_OPEN_FLAGS = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


@dataclass(frozen=True, slots=True)
class Room:
    """A folder of the cache, and how the files in it are named."""

    name: str
    pattern: str
    capped: bool = True
    """Whether its files are many and large, so that those long unused go."""

    def owns(self, name: str) -> bool:
        """Return whether a file of this name, finished or half-written, is the cache's."""
        return bool(re.fullmatch(rf"{self.pattern}|\.{self.pattern}\.[a-z0-9_]{{8}}", name))


ROOMS = (
    Room("plates", r"[0-9a-f]{64}\.plate"),
    Room("handouts", r"[0-9a-f]{64}\.(?:json|pdf)"),
    Room("templates", r"[0-9a-f]{64}\.code"),
    Room("headings", r"[0-9a-f]{16}\.json", capped=False),
)


@dataclass(frozen=True, slots=True)
class Held:
    """What a room holds."""

    room: Room
    files: int
    size: int
    """In bytes."""


@dataclass(slots=True)
class Cleared:
    """What went when the cache was cleared, and what could not go."""

    files: int = 0
    size: int = 0
    """In bytes."""
    stuck: list[Path] = field(default_factory=list)


def cache_folder() -> Path:
    """Return the folder of the cache; it may not exist (yet).

    ``HANDOUTS_CACHE_DIR`` overrides the place that the system has for caches.
    """
    return _folder(os.environ.get("HANDOUTS_CACHE_DIR"))


@cache
def _folder(override: str | None) -> Path:
    if override:
        return Path(override).absolute()
    import platformdirs

    return Path(platformdirs.user_cache_dir("handouts", appauthor=False))


def cache_cap() -> int:
    """Return how many bytes plates, finished handouts and templates may take together.

    ``HANDOUTS_CACHE_SIZE`` says it in MB; 0 keeps none. What is no size counts as not said.
    """
    said = read_cap(os.environ.get(CAP_VARIABLE, ""))
    return _DEFAULT_CAP * MEGABYTE if said is None else said


def read_cap(text: str) -> int | None:
    """Return the bytes that a number of MB means, None if it is no size."""
    try:
        megabytes = float(text)
    except ValueError:
        return None
    sound = math.isfinite(megabytes * MEGABYTE) and megabytes >= 0
    return int(megabytes * MEGABYTE) if sound else None


def read_cached(name: str, *, own: bool = False) -> bytes | None:
    """Return the bytes kept under the name (a relative path), or None; note that it was used.

    Args:
        name: what it was kept under.
        own: whether nobody but this user may have been able to write them.
    """
    try:
        path = cache_folder() / name
        with open(path, "rb", opener=_open_own) as file:
            if own and not _is_ours(os.fstat(file.fileno())):
                return None
            data: bytes = file.read()
            with contextlib.suppress(OSError):
                os.utime(file.fileno() if os.utime in os.supports_fd else path)
            return data
    except (OSError, ValueError):
        return None


def _open_own(path: str, flags: int) -> int:
    # A link is not the cache's, nor what it leads to; a pipe would make us wait for ever.
    return os.open(path, flags | _OPEN_FLAGS)


def _is_ours(status: os.stat_result) -> bool:
    if not hasattr(os, "geteuid"):  # Windows: its rights are not in these bits
        return False
    return status.st_uid == os.geteuid() and not status.st_mode & _WRITABLE_BY_OTHERS


def write_cached(name: str, data: bytes) -> bool:
    """Keep the bytes under the name, whole or not at all; return whether that was possible."""
    target = cache_folder() / name
    cap = cache_cap()
    temporary = None
    try:
        if target.parent.is_symlink() or (_is_capped(target.parent.name) and len(data) > cap):
            return False
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(temporary).replace(target)
    except (OSError, ValueError):
        if temporary:
            with contextlib.suppress(OSError):
                Path(temporary).unlink()
        return False
    if random.random() * cap * _BETWEEN < len(data):  # noqa: S311  no secret
        trim_cache()
    return True


def _is_capped(name: str) -> bool:
    return any(room.name == name and room.capped for room in ROOMS)


def trim_cache() -> None:
    """Delete what was not used for the longest time, where the cache is larger than its cap."""
    files = [found for room in ROOMS if room.capped for found in _list_files(room)]
    cap, excess = cache_cap(), 0.0
    total = sum(status.st_size for _, status in files)
    if total > cap:
        excess = total - cap * (1 - _FREED)
    now = time.time()
    for file, status in sorted(files, key=lambda found: found[1].st_mtime_ns):
        stale = file.name.startswith(".") and status.st_mtime < now - _STALE
        if excess > 0 or stale:
            with contextlib.suppress(OSError):
                file.unlink(missing_ok=True)
                excess -= status.st_size


def count_cache() -> list[Held]:
    """Return what each room holds."""
    held = []
    for room in ROOMS:
        sizes = [status.st_size for _, status in _list_files(room)]
        held.append(Held(room, len(sizes), sum(sizes)))
    return held


def clear_cache() -> Cleared:
    """Delete all that is the cache's own, and nothing else."""
    cleared = Cleared()
    for room in ROOMS:
        for file, status in _list_files(room):
            try:
                file.unlink()
            except FileNotFoundError:  # another process was quicker
                continue
            except OSError:
                cleared.stuck.append(file)
            else:
                cleared.files += 1
                cleared.size += status.st_size
    return cleared


def _list_files(room: Room) -> Iterator[tuple[Path, os.stat_result]]:
    """Yield the room's own files: no link, no folder, no file of another name."""
    folder = cache_folder() / room.name
    try:
        entries = [] if folder.is_symlink() else list(os.scandir(folder))
    except OSError:
        return
    for entry in entries:
        with contextlib.suppress(OSError):  # it may have gone since
            if room.owns(entry.name) and entry.is_file(follow_symlinks=False):
                yield Path(entry.path), entry.stat(follow_symlinks=False)


def fingerprint(parts: Iterable[bytes | str]) -> str:
    """Return a hash of the parts; each counts with its length, so that none runs into the next."""
    digest = sha256()
    for part in parts:
        data = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8, "big"))
        digest.update(data)
    return digest.hexdigest()
