"""Turn libyaml's events into plain data and the place of every part, without recursion."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

import yaml

from handouts.problem import Place
from handouts.source.characters import find_bad_characters, has_bad_characters
from handouts.source.suggest import shorten

if TYPE_CHECKING:
    from collections.abc import Callable

    from handouts.problem import Report

KeyPath: TypeAlias = tuple[str | int, ...]
"""Keys and list positions (from 0) from the root of a file down to one of its parts."""

Event: TypeAlias = Any
"""One of PyYAML's events; its types say little about their attributes."""
Value: TypeAlias = "str | dict[str, Any] | list[Any] | None"

MOST_NODES = 20_000
MOST_LEVELS = 20
MOST_PROBLEMS = 100  # a file; after that it is the wrong file
_NULLS = frozenset(("", "~", "null", "Null", "NULL"))  # YAML 1.2.2, section 10.3.2


def write_path(path: KeyPath) -> str:
    """Return a path as people count: ``steps.2.title`` is the second step's title."""
    return ".".join(shorten(part + 1 if isinstance(part, int) else part) for part in path)


class StopReadingError(Exception):
    """The file cannot be read further; the report says why."""


_DETACHED = object()  # the key of a value that is read over because its key was refused


@dataclass(slots=True)
class _Frame:
    """A mapping or list that is being filled; path None when it is read over."""

    container: dict[str, Any] | list[Any]
    path: KeyPath | None
    key: Any = None


@dataclass(slots=True)
class Composer:
    """Builds plain data out of libyaml's events."""

    file: str
    report: Report
    root: dict[str, Any] | None = None
    places: dict[KeyPath, Place] = field(default_factory=dict)
    values: dict[KeyPath, Place] = field(default_factory=dict)
    faulty: set[KeyPath] = field(default_factory=set)
    stack: list[_Frame] = field(default_factory=list)
    nodes: int = 0
    documents: int = 0
    found: int = 0

    def take(
        self,
        event: Event,
        enough: Callable[[dict[str, Any], str], bool] | None,
    ) -> bool:
        """Take the next event; return True when no more are wanted."""
        kind = type(event)
        if kind is yaml.ScalarEvent:
            if (
                enough
                and self.root is not None
                and self._at_key_of_root()
                and enough(self.root, event.value)
            ):
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

    def _at_key_of_root(self) -> bool:
        return len(self.stack) == 1 and self._wants_key()

    def _note(self, code: str, message: str, place: Place, hint: str) -> None:
        self.report.add(code, message, place, hint=hint)
        self.found += 1
        if self.found >= MOST_PROBLEMS:
            raise StopReadingError

    def _stop(self, code: str, message: str, place: Place, hint: str) -> None:
        self._note(code, message, place, hint)
        raise StopReadingError

    def _place(self, event: Event) -> Place:
        mark = event.start_mark
        return Place(self.file, mark.line + 1, mark.column + 1)

    def _begin_document(self, event: Event) -> None:
        self.documents += 1
        if self.documents > 1:
            self._stop(
                "second-document",
                "a second document begins here",
                self._place(event),
                'one file holds one thing: delete the line "---" or make a second file',
            )

    def _take_scalar(self, event: Event) -> None:
        place = self._place(event)
        if self._wants_key():
            self._take_key(event, place)
            return
        value: str | None = event.value
        fault = self._check_properties(event, place)
        path = self._attach(value, place)
        if event.style == '"' and has_bad_characters(event.value):
            _, kind = next(find_bad_characters(event.value))
            self._note(
                "bad-character", f"{write_path(path or ())}: {kind} in the text", place, "delete it"
            )
            fault = True
        elif not event.style and event.value in _NULLS and not fault:
            what = f'"{value}" stands for nothing' if value else "nothing is written"
            message = f"{write_path(path or ())}: {what}"
            hint = "write a value; a key that need not be there can be left out"
            self._note("empty-value", message, self.places.get(path or (), place), hint)
            fault = True
        if fault and path is not None:
            self.faulty.add(path)
            if value in _NULLS:
                self._replace(path)

    def _replace(self, path: KeyPath) -> None:
        container: Any = self.stack[-1].container
        container[path[-1]] = None

    def _take_key(self, event: Event, place: Place) -> None:
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

    def _check_properties(self, event: Event, place: Place) -> bool:
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

    def _take_alias(self, event: Event) -> None:
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

    def _open(self, event: Event, container: dict[str, Any] | list[Any]) -> None:
        place = self._place(event)
        if len(self.stack) >= MOST_LEVELS:
            message = f"more than {MOST_LEVELS} levels stand inside one another"
            self._stop("too-deep", message, place, "move this part outwards")
        fault = self._check_properties(event, place)
        path: KeyPath | None = None
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

    def _attach(self, value: Value, place: Place) -> KeyPath | None:
        """Put a value where it belongs; return its path, or None if it is read over."""
        self._count(place)
        if not self.stack:
            if not isinstance(value, dict):
                hint = 'begin with a key: "name: …"'
                self._note("not-a-mapping", "the file does not begin with a key", place, hint)
                raise StopReadingError
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
