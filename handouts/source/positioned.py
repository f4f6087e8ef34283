"""Turn YAML text into plain data and the place of every part of it, without any YAML surprise.

Scalars stay what was typed: ``no``, ``3:01`` and ``012`` are text here, and the model says where a
number or a date is wanted. The composer is iterative over libyaml's events, so that nothing in
a file can exhaust the stack; depth, size and counts are capped.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

import yaml

from handouts.problem import Place
from handouts.source.characters import find_bad_characters, line_and_column
from handouts.source.composer import MOST_PROBLEMS, Composer, StopReadingError
from handouts.source.files import MOST_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable

    from handouts.problem import Report
    from handouts.source.composer import KeyPath

_LOADER = getattr(yaml, "CLoader", yaml.Loader)  # C: ten times faster; not in every build


@dataclass(frozen=True, slots=True)
class Positioned:
    """What a file says, and where it says it."""

    file: str
    data: dict[str, Any]
    places: dict[KeyPath, Place]
    """Where a key or a list's item begins."""
    values: dict[KeyPath, Place]
    """Where the value of a key begins."""
    faulty: set[KeyPath]
    """Parts that a problem has been noted for already."""

    def place(self, path: KeyPath) -> Place:
        """Return the place of a part, or of the nearest part around it that has one."""
        for length in range(len(path), 0, -1):
            if found := self.places.get(path[:length]):
                return found
        return self.places.get((), Place(self.file))

    def is_faulty(self, path: KeyPath) -> bool:
        """Return whether a problem has been noted for the part or for one around it."""
        return any(path[:length] in self.faulty for length in range(1, len(path) + 1))


def read_yaml(
    data: bytes,
    file: str,
    report: Report,
    enough: Callable[[dict[str, Any], str], bool] | None = None,
) -> Positioned | None:
    """Read a file's bytes; None if they cannot be taken as one mapping.

    Args:
        data: the file's content.
        file: the path that the problems name.
        report: gets every problem found.
        enough: asked before each key of the root with what was read so far; True stops reading.
    """
    before = len(report)
    text = decode(data, file, report)
    if text is None:
        return None
    composer = Composer(file, report)
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            if composer.take(event, enough):
                break
    except StopReadingError:
        return None
    except yaml.YAMLError as error:
        from handouts.source.syntax import explain_syntax

        report.extend([explain_syntax(error, text, file)])
        return None
    if composer.root is None:
        if len(report) == before:
            report.add(
                "empty-file", "the file is empty", Place(file, 1, 1), hint='begin with "name: …"'
            )
        return None
    return Positioned(file, composer.root, composer.places, composer.values, composer.faulty)


def decode(data: bytes, file: str, report: Report) -> str | None:
    """Return the bytes as text, or None after noting that they are too long or not text."""
    if len(data) > MOST_BYTES:
        size = f"{len(data) / 1e6:.1f} MB"
        report.add("too-large", f"the file is {size} long; 1 MB is the most", Place(file))
        return None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8-sig", "replace")
        report.add(
            "not-utf-8",
            f"byte 0x{data[error.start]:02x} is not UTF-8 text",
            Place(file, *line_and_column(before, len(before))),
            hint='save the file with the encoding "UTF-8"',
        )
        return None
    bad = list(islice(find_bad_characters(text), MOST_PROBLEMS))
    for offset, kind in bad:
        place = Place(file, *line_and_column(text, offset))
        report.add("bad-character", f"{kind} in the text", place, hint="delete it and type it anew")
    return None if bad else text
