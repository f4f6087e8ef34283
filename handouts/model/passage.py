"""Turn an exercise or a programme into the passages that a client reads, each with its place."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from pydantic import BaseModel

from handouts.model.exercise import Basis, Precaution
from handouts.model.prose import BlockKind, parse_prose

if TYPE_CHECKING:
    from collections.abc import Iterator

    from handouts.model.exercise import Exercise
    from handouts.model.programme import Programme

KeyPath: TypeAlias = tuple[str | int, ...]
"""Keys and list positions (from 0) from the root of a file to one of its parts."""

# Terms, slugs and addresses are not read as sentences; aliases and sources are said as they are.
NOT_READ = {"slug", "language", "aliases", "position", "muscle", "direction", "condition", "level"}
NOT_READ |= {"basis", "dose", "figure", "figures", "video", "sources", "version", "reviewed"}
# An override is the clinician's word; a rung is the exercise's.
NOT_READ |= {"exercise", "purpose", "side", "rung", "days", "order", "overrides", "review_on"}
PROSE = frozenset({"introduction", "closing"})
"""The keys whose text is Markdown; a passage's second step is its line there, from 0."""
_LABELS = {"name", "title", "who", "when", "needed", "optional"}
_HEADINGS = {BlockKind.HEADING, BlockKind.SUBHEADING}
# What ends the block before it: an empty line, a heading, the next item of a list.
_BEGINS = re.compile(r"$|#{2,3}\s|[-*+]\s|[0-9]{1,2}[.)]\s")


@dataclass(frozen=True, slots=True)
class Passage:
    """A text that the client reads, and where it stands."""

    path: KeyPath
    text: str
    is_label: bool
    """A name or title: no sentence."""

    @property
    def where(self) -> str:
        """The path as people count: ``steps.2.do.1``."""
        return write_key_path(self.path)


def write_key_path(path: KeyPath) -> str:
    """Return a path with list positions from 1: ``steps.2.do.1``."""
    return ".".join(str(part + 1 if isinstance(part, int) else part) for part in path)


def list_passages(source: Exercise | Programme) -> Iterator[Passage]:
    """Yield every text of it that the client reads, in the order of the model.

    The shared words of general precautions are left out: they are not the exercise's own.
    """
    yield from _walk((), source, is_label=False)


def _walk(path: KeyPath, value: object, *, is_label: bool) -> Iterator[Passage]:
    if isinstance(value, Precaution) and value.basis is Basis.GENERAL:
        return
    if isinstance(value, str) and path[-1] in PROSE:
        yield from _list_prose(path, value)
    elif isinstance(value, str):
        yield Passage(path, value, is_label)
    elif isinstance(value, tuple):
        for number, item in enumerate(value):
            yield from _walk((*path, number), item, is_label=is_label)
    elif isinstance(value, BaseModel):
        for key in type(value).model_fields:
            if key not in NOT_READ:
                yield from _walk((*path, key), getattr(value, key), is_label=key in _LABELS)


def _list_prose(path: KeyPath, text: str) -> Iterator[Passage]:
    """Yield each heading, paragraph and item of a list as it reads, without its marks."""
    for number, chunk in _split_blocks(text):
        for block in parse_prose(chunk):
            for spans in block.lines:
                said = "".join(span.text for span in spans)
                yield Passage((*path, number), said, block.kind in _HEADINGS)


def _split_blocks(text: str) -> Iterator[tuple[int, str]]:
    """Yield each block, or item of a list, behind the number of its first line."""
    begin, waiting = 0, list[str]()
    for number, line in enumerate([*text.split("\n"), ""]):
        after_heading = bool(waiting) and waiting[0].startswith("##")
        if waiting and (after_heading or _BEGINS.match(line.strip())):
            yield begin, "\n".join(waiting)
            waiting = []
        if line.strip():
            begin = begin if waiting else number
            waiting.append(line)
