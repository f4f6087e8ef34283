"""Turn what a batch has made into a manifest, line by line as it is made, and back.

The manifest is the batch's memory: what is done is skipped, an interrupted run goes on, mail knows
whose file is whose, and an audit finds who has what. A run writes a journal beside it; at the end
the journal becomes the manifest in one step. A line that was cut off by a crash is left out.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from handouts.bind.publish import cannot_write, publish

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Entry:
    """One file that was made, whose it is, and from what."""

    client: str
    """The client's id."""
    file: str
    """Its name inside the folder."""
    sha256: str
    size: int
    """Bytes."""
    modified: int
    """Nanoseconds since 1970, as the file system says: a cheap sign that nobody has touched it."""
    inputs: str
    """A hash of all that the file depends on."""
    made: str
    """When, ISO 8601 in UTC."""
    listed: bool = True
    """Whether the last run that came to its end has it for somebody in its list: not for who has
    left the list or may not have it any more, nor if the newer one could not be made."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a folder has of one programme."""

    head: dict[str, Any]
    """Versions, inputs and flags of the run."""
    entries: dict[str, Entry]
    """By the client's id."""

    @property
    def complete(self) -> bool:
        """Whether the run came to its end."""
        return bool(self.head.get("complete"))


def read_manifest(file: Path) -> Manifest | None:
    """Return the manifest or journal that the file holds; None where there is none, or no sense."""
    try:
        lines = file.read_bytes().split(b"\n")
        head = json.loads(lines[0])
        if head["format"] != FORMAT:
            return None
    except (OSError, ValueError, KeyError, TypeError):
        return None
    entries = {}
    for line in lines[1:]:
        try:
            entry = Entry(**json.loads(line))
        except (ValueError, TypeError):
            continue
        entries[entry.client] = entry
    return Manifest(head, entries)


def write_manifest(file: Path, head: dict[str, Any], entries: Iterable[Entry]) -> None:
    """Write the manifest whole, or leave the old one.

    Raises:
        HandoutError: ``cannot-write``.
    """
    lines = [_write_line({**head, "format": FORMAT}), *map(_write_line, map(asdict, entries))]
    publish(file, b"".join(lines))


class Journal:
    """The manifest of a run that has not ended."""

    def __init__(self, file: Path, head: dict[str, Any], entries: Iterable[Entry]) -> None:
        """Begin with what an earlier run has left.

        Raises:
            HandoutError: ``cannot-write`` or ``disk-full``.
        """
        self.file = file
        write_manifest(file, {**head, "complete": False}, entries)
        try:
            self._stream = file.open("ab", buffering=0)
        except OSError as error:
            raise cannot_write(file, error) from None

    def add(self, entries: Iterable[Entry]) -> None:
        """Note what was made; it outlives a kill of this process at once.

        Raises:
            HandoutError: ``cannot-write`` or ``disk-full``; what was made is made all the same.
        """
        lines = memoryview(b"".join(_write_line(asdict(entry)) for entry in entries))
        try:
            while lines:
                lines = lines[self._stream.write(lines) :]
        except OSError as error:
            raise cannot_write(self.file, error) from None

    def close(self) -> None:
        """Bring it to the disk, if that can be done: it is a help, no result."""
        with suppress(OSError):
            os.fsync(self._stream.fileno())
        self._stream.close()


def _write_line(values: dict[str, Any]) -> bytes:
    return json.dumps(values, ensure_ascii=False, sort_keys=True).encode("utf-8") + b"\n"
