"""Turn YAML text into plain data and the place of every part of it, without any YAML surprise.

Scalars stay what was typed: ``no``, ``3:01`` and ``012`` are text here, and the model says where a
number or a date is wanted. The composer is iterative over libyaml's events, so that nothing in
a file can exhaust the stack; depth, size and counts are capped.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

import yaml

from handouts.problem import Place
from handouts.source.characters import find_bad_characters, has_bad_characters, line_and_column
from handouts.source.suggest import shorten

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from handouts.problem import Report

Path: TypeAlias = tuple[str | int, ...]
"""Keys and list positions (from 0) from the root of a file down to one of its parts."""

MOST_BYTES = 1_000_000
MOST_NODES = 20_000
MOST_LEVELS = 20
MOST_PROBLEMS = 100  # a file; after that it is the wrong file
_LOADER = getattr(yaml, "CLoader", yaml.Loader)  # C: ten times faster; not in every build
_NULLS = frozenset(("", "~", "null", "Null", "NULL"))  # YAML 1.2.2, section 10.3.2


@dataclass(frozen=True, slots=True)
class Positioned:
    """What a file says, and where it says it."""

    file: str
    data: dict[str, Any]
    places: dict[Path, Place]
    """Where a key or a list's item begins."""
    values: dict[Path, Place]
    """Where the value of a key begins."""
    faulty: set[Path]
    """Parts that a problem has been noted for already."""

    def place(self, path: Path) -> Place:
        """Return the place of a part, or of the nearest part around it that has one."""
        for length in range(len(path), 0, -1):
            if found := self.places.get(path[:length]):
                return found
        return self.places.get((), Place(self.file))

    def is_faulty(self, path: Path) -> bool:
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
    composer = _Composer(file, report)
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            if composer.take(event, enough):
                break
    except _StopError:
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
    """Return the bytes as text, or None after noting that they are too many, not UTF-8 or not text."""
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
    bad = list(_first(find_bad_characters(text), MOST_PROBLEMS))
    for offset, kind in bad:
        place = Place(file, *line_and_column(text, offset))
        report.add("bad-character", f"{kind} in the text", place, hint="delete it and type it anew")
    return None if bad else text


def _first(found: Iterator[tuple[int, str]], most: int) -> Iterator[tuple[int, str]]:
    for _, item in zip(range(most), found, strict=False):
        yield item


class _StopError(Exception):
    """The file cannot be read further; the report says why."""


_DETACHED = object()  # the key of a value that is read over because its key was refused


@dataclass(slots=True)
class _Frame:
    """A mapping or list that is being filled; path None when it is read over."""

    container: dict[str, Any] | list[Any]
    path: Path | None
    key: Any = None


@dataclass(slots=True)
class _Composer:
    """Builds plain data out of libyaml's events."""

    file: str
    report: Report
    root: dict[str, Any] | None = None
    places: dict[Path, Place] = field(default_factory=dict)
    values: dict[Path, Place] = field(default_factory=dict)
    faulty: set[Path] = field(default_factory=set)
    stack: list[_Frame] = field(default_factory=list)
    nodes: int = 0
    documents: int = 0
    found: int = 0

    def take(
        self,
        event: Any,
        enough: Callable[[dict[str, Any], str], bool] | None,  # noqa: ANN401
    ) -> bool:
        """Take the next event; return True when no more are wanted."""
        kind = type(event)
        if kind is yaml.ScalarEvent:
            if enough and self._wants_key() and len(self.stack) == 1:
                assert self.root is not None  # noqa: S101  the stack's first frame is the root
                if enough(self.root, event.value):
                    return True
            self._take_scalar(event)
        elif kind is yaml.MappingStartEvent:
            self._open(event, {})
        elif kind is yaml.SequenceStartEvent:
            self._open(event, [])
        elif kind in (yaml.MappingEndEvent, yaml.SequenceEndEvent):
            self.stack.pop()
        elif kind is yaml.AliasEvent:
            self._take_alias(event)
        elif kind is yaml.DocumentStartEvent:
            self._begin_document(event)
        return False

    def _wants_key(self) -> bool:
        return (
            bool(self.stack)
            and isinstance(self.stack[-1].container, dict)
            and self.stack[-1].key is None
        )

    def _note(self, code: str, message: str, place: Place, hint: str) -> None:
        self.report.add(code, message, place, hint=hint)
        self.found += 1
        if self.found >= MOST_PROBLEMS:
            raise _StopError

    def _stop(self, code: str, message: str, place: Place, hint: str) -> None:
        self._note(code, message, place, hint)
        raise _StopError

    def _place(self, event: Any) -> Place:  # noqa: ANN401  PyYAML's events are not typed
        mark = event.start_mark
        return Place(self.file, mark.line + 1, mark.column + 1)

    def _begin_document(self, event: Any) -> None:  # noqa: ANN401
        self.documents += 1
        if self.documents > 1:
            self._stop(
                "second-document",
                "a second document begins here",
                self._place(event),
                'one file holds one thing: delete the line "---" or make a second file',
            )

    def _take_scalar(self, event: Any) -> None:  # noqa: ANN401
        place = self._place(event)
        if self._wants_key():
            self._take_key(event, place)
            return
        value: str | None = event.value
        fault = self._check_properties(event, place)
        path = self._attach(value, place)
        where = ".".join(str(part + 1 if isinstance(part, int) else part) for part in path or ())
        if event.style == '"' and has_bad_characters(event.value):
            _, kind = next(find_bad_characters(event.value))
            self._note("bad-character", f"{where}: {kind} in the text", place, "delete it")
            fault = True
        elif not event.style and event.value in _NULLS and not fault:
            what = f'"{value}" stands for nothing' if value else "nothing is written"
            hint = "write a value, or leave the line out"
            self._note("empty-value", f"{where}: {what}", self.places.get(path or (), place), hint)
            fault = True
        if fault and path is not None:
            self.faulty.add(path)
            if value in _NULLS:
                self._replace(path)

    def _replace(self, path: Path) -> None:
        container: Any = self.stack[-1].container
        container[path[-1]] = None

    def _take_key(self, event: Any, place: Place) -> None:  # noqa: ANN401
        frame = self.stack[-1]
        key = event.value
        frame.key = _DETACHED
        self._count(place)
        if self._check_properties(event, place) or frame.path is None:
            return
        path = (*frame.path, key)
        if not key or has_bad_characters(key):
            self._note("bad-key", "a key is a word", place, 'write "key: value"')
        elif path in self.places:
            first = self.places[path]
            self._note(
                "duplicate-key",
                f'"{shorten(key)}" stands here a second time',
                place,
                f"it stands in line {first.line} already: keep one of the two",
            )
        else:
            frame.key = key
            self.places[path] = place

    def _check_properties(self, event: Any, place: Place) -> bool:  # noqa: ANN401
        """Note an anchor or a tag; return whether there was one."""
        if event.anchor is not None:
            name = shorten(event.anchor)
            self._note(
                "yaml-alias",
                f'"&{name}" would make an anchor',
                place,
                "write the text out, or put it in quotes if it begins with &",
            )
        if event.tag is not None:
            self._note(
                "yaml-tag",
                f'"{shorten(event.tag)}" is a tag',
                place,
                "leave the tag out, or put the text in quotes if it begins with !",
            )
        return event.anchor is not None or event.tag is not None

    def _take_alias(self, event: Any) -> None:  # noqa: ANN401
        place = self._place(event)
        name = shorten(event.anchor)
        hint = "write the text out, or put it in quotes if it begins with *"
        self._note("yaml-alias", f'"*{name}" points to another part of the file', place, hint)
        if self._wants_key():
            self.stack[-1].key = _DETACHED
            return
        path = self._attach(None, place)
        if path is not None:
            self.faulty.add(path)

    def _open(self, event: Any, container: dict[str, Any] | list[Any]) -> None:  # noqa: ANN401
        place = self._place(event)
        if len(self.stack) >= MOST_LEVELS:
            message = f"more than {MOST_LEVELS} levels stand inside one another"
            self._stop("too-deep", message, place, "move this part outwards")
        fault = self._check_properties(event, place)
        path: Path | None = None
        if self._wants_key():
            self._note(
                "bad-key",
                "a key is a word",
                place,
                "put the text in quotes if it begins with [ or {",
            )
            self.stack[-1].key = _DETACHED
        else:
            path = self._attach(container, place)
        if fault and path is not None:
            self.faulty.add(path)
        self.stack.append(_Frame(container, path))

    def _count(self, place: Place) -> None:
        self.nodes += 1
        if self.nodes > MOST_NODES:
            self._stop("too-many", f"the file has more than {MOST_NODES} parts", place, "split it")

    def _attach(self, value: Any, place: Place) -> Path | None:  # noqa: ANN401
        """Put a value where it belongs; return its path, or None if it is read over."""
        self._count(place)
        if not self.stack:
            if not isinstance(value, dict):
                hint = 'begin with a key: "name: …"'
                self._stop("not-a-mapping", "the file does not begin with a key", place, hint)
            self.root = value
            self.places[()] = place
            return ()
        frame = self.stack[-1]
        if isinstance(frame.container, list):
            frame.container.append(value)
            path = None if frame.path is None else (*frame.path, len(frame.container) - 1)
            if path is not None:
                self.places[path] = self.values[path] = place
            return path
        key, frame.key = frame.key, None
        if key is _DETACHED or frame.path is None:
            return None
        frame.container[key] = value
        path = (*frame.path, key)
        self.values[path] = place
        return path
