"""Turn a path into the file's bytes, or into the reason why they cannot be had."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handouts.problem import Place

if TYPE_CHECKING:
    from pathlib import Path

    from handouts.problem import Report

MOST_BYTES = 1_000_000


def read_bytes(file: Path, shown_as: str, report: Report, most: int = MOST_BYTES) -> bytes | None:
    """Return the bytes of a regular file that is not too large, or None after noting why not."""
    place = Place(shown_as)
    try:
        if file.exists() and not file.is_file():  # a pipe or device could be waited for without end
            report.add("unreadable", "this is not a file", place, hint="put a text file there")
            return None
        with file.open("rb") as handle:
            data = handle.read(most + 1)
    except OSError as error:
        message = f"the file cannot be read: {error.strerror}"
        report.add("unreadable", message, place, hint="check that it exists and may be read")
        return None
    if len(data) > most:
        size = f"{most / 1e6:g} MB" if most >= MOST_BYTES else f"{most // 1000} kB"
        hint = "this is probably another kind of file"
        report.add("too-large", f"the file is longer than {size}", place, hint=hint)
        return None
    return data
