"""Turn the first lines of every exercise's file into the list that people choose from."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING, Any

from handouts import __version__
from handouts.cache import read_cached, write_cached
from handouts.source.files import read_bytes
from handouts.source.suggest import nearest_word
from handouts.source.workspace import show_path

if TYPE_CHECKING:
    from pathlib import Path

    from handouts.problem import Report
    from handouts.source.positioned import Positioned
    from handouts.source.workspace import Workspace

_KEYS = ("name", "aliases", "summary", "position", "equipment")
_REQUIRED = ("name", "summary", "position")
_FORMAT = f"1 {__version__}"
_FRESH = 20_000_000  # ns; a file changed so shortly ago may change again with the same time stamp


@dataclass(frozen=True, slots=True)
class Heading:
    """What a list shows of an exercise."""

    slug: str
    name: str
    aliases: tuple[str, ...]
    summary: str
    position: str
    equipment: tuple[str, ...]
    """What the client must have."""
    file: Path


def list_headings(workspace: Workspace, report: Report) -> list[Heading]:
    """Return the headings of all exercises by slug; a file that has none is noted, not dropped.

    An index in the cache holds them by path, time of change and size, so that an unchanged file is
    not opened again. Keys after ``muscles`` are not looked at.
    """
    import time

    files = workspace.exercise_files(report)
    name = _index_name(workspace)
    index = _load_index(name)
    now = time.time_ns()
    fresh: dict[str, list[Any]] = {}
    headings: list[Heading] = []
    for slug, file in files.items():
        stamp = _stamp(file)
        row = index.get(str(file))
        if row is not None and row[:2] == stamp:
            fresh[str(file)] = row
            headings.append(_from_row(slug, row, file))
            continue
        heading = _read_heading(slug, file, report)
        if heading is not None:
            headings.append(heading)
            if stamp and stamp[0] < now - _FRESH:
                fresh[str(file)] = [*stamp, *astuple(heading)[1:-1]]
    if fresh != index:
        text = json.dumps({"format": _FORMAT, "files": fresh}, ensure_ascii=True)
        write_cached(name, text.encode())
    return headings


def suggest_exercise(typed: str, workspace: Workspace) -> str:
    """Return ``did you mean "squat"?`` by slugs, names and aliases, or an empty string."""
    from handouts.problem import Report

    words = {
        word: heading.slug
        for heading in list_headings(workspace, Report())
        for word in (*heading.aliases, heading.name, heading.slug)
    }
    nearest = nearest_word(typed, words)
    return f'did you mean "{nearest}"?' if nearest else ""


def _index_name(workspace: Workspace) -> str:
    root = os.fsencode(workspace.root) if workspace.root else b""
    return f"headings/{hashlib.sha256(root).hexdigest()[:16]}.json"


def _load_index(name: str) -> dict[str, list[Any]]:
    """Return the rows of the index; none if it is missing, broken or another version's."""
    try:
        index = json.loads(read_cached(name) or b"{}")
        files = index["files"] if index.get("format") == _FORMAT else {}
        return {str(path): row for path, row in files.items() if _is_row(row)}
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return {}


def _is_row(row: Any) -> bool:  # noqa: ANN401  whatever the index holds
    """Return whether the row is [mtime_ns, size, name, aliases, summary, position, equipment]."""
    if not isinstance(row, list) or [type(part) for part in row] != [
        int,
        int,
        str,
        list,
        str,
        str,
        list,
    ]:
        return False
    return all(isinstance(word, str) for word in (*row[3], *row[6]))


def _from_row(slug: str, row: list[Any], file: Path) -> Heading:
    _, _, name, aliases, summary, position, equipment = row
    return Heading(slug, name, tuple(aliases), summary, position, tuple(equipment), file)


def _stamp(file: Path) -> list[int]:
    try:
        status = file.stat()
    except OSError:
        return []
    return [status.st_mtime_ns, status.st_size]


def _read_heading(slug: str, file: Path, report: Report) -> Heading | None:
    from handouts.source.positioned import read_yaml

    shown = show_path(file)
    data = read_bytes(file, shown, report)
    if data is None:
        return None
    source = read_yaml(data, shown, report, _is_enough)
    if source is None:
        return None
    return _to_heading(slug, file, source, report)


def _is_enough(values: dict[str, Any], key: str) -> bool:
    if not all(wanted in values for wanted in _REQUIRED):
        return False
    return key == "muscles" or all(wanted in values for wanted in _KEYS)


def _to_heading(slug: str, file: Path, source: Positioned, report: Report) -> Heading | None:
    values = source.data
    sound = True
    for key in _REQUIRED:
        value = values.get(key)
        if isinstance(value, str) and value.strip():
            continue
        sound = False
        if source.is_faulty((key,)):
            continue
        if key in values:
            hint = f'write "{key}: …" on one line'
            report.add("wrong-shape", f"{key}: text belongs here", source.place((key,)), hint=hint)
        else:
            message, hint = f'the key "{key}" is missing', f'add "{key}: …"'
            report.add("missing-key", message, source.place((key,)), hint=hint)
    if not sound:
        return None
    equipment = values.get("equipment")
    needed = equipment.get("needed") if isinstance(equipment, dict) else None
    return Heading(
        slug,
        *(" ".join(values["name"].split()),),
        _words(values.get("aliases")),
        " ".join(values["summary"].split()),
        values["position"],
        _words(needed),
        file,
    )


def _words(value: Any) -> tuple[str, ...]:  # noqa: ANN401  whatever the file holds
    return tuple(word for word in value if isinstance(word, str)) if isinstance(value, list) else ()
