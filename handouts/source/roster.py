"""Turn a list of clients (CSV, Excel or YAML) into checked clients, or into all that is wrong."""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, NamedTuple

from handouts.model.client import MOST_CLIENTS, Client, fold_id
from handouts.problem import HandoutError, Place
from handouts.source.characters import find_bad_characters, has_bad_characters
from handouts.source.checked import check_model
from handouts.source.columns import REQUIRED, is_known, read_columns
from handouts.source.conditions import ConditionWords
from handouts.source.files import MOST_BYTES, read_bytes
from handouts.source.positioned import Positioned, decode, read_yaml
from handouts.source.suggest import did_you_mean, shorten
from handouts.source.table import read_csv, sniff_delimiter
from handouts.source.workspace import ROSTERS

if TYPE_CHECKING:
    from pathlib import Path

    from handouts.problem import Report
    from handouts.source.composer import KeyPath
    from handouts.source.table import Cell, Row
    from handouts.source.vocabulary import Vocabulary
    from handouts.source.workspace import Workspace

_MOST_TABLE_BYTES = 20_000_000
_SEPARATOR_LINE = re.compile(r"\Asep=.(?=[\r\n])")  # Excel's own note to itself


class _Entry(NamedTuple):
    """One client before it is checked: what was typed, and where."""

    source: Positioned
    values: dict[str, Any]


def find_roster(workspace: Workspace) -> Path:
    """Return the workspace's list of clients.

    Raises:
        HandoutError: ``no-clients`` where there is none or more than one.
    """
    root = workspace.root
    found = [root / name for name in ROSTERS if (root / name).is_file()] if root else []
    if len(found) == 1:
        return found[0]
    names = " and ".join(file.name for file in found)
    raise HandoutError.of(
        "no-clients",
        f"there are {names}" if found else "there is no list of clients",
        hint="name one: --clients clients.csv",
    )


def read_roster(  # noqa: PLR0913  where it is, how it is shown, what it is checked with
    file: Path,
    shown_as: str,
    workspace: Workspace,
    vocabulary: Vocabulary,
    report: Report,
    *,
    keep_going: bool = False,
) -> tuple[Client, ...] | None:
    """Return every client of the file, or None after noting everything wrong with any of them.

    Conditions become slugs; a word that is unknown is an error. Programmes must be there.

    Args:
        file: ends in ``.csv``, ``.tsv``, ``.txt``, ``.xlsx``, ``.yaml`` or ``.yml``.
        shown_as: the path that the problems name.
        workspace: whose programmes may be named.
        vocabulary: the conditions that may be named.
        report: gets every problem found.
        keep_going: return those with whom nothing is wrong, whatever is wrong with others.
    """
    from handouts.source import workbook

    is_workbook = file.suffix.lower() in {".xlsx", ".xlsm"}
    is_yaml = file.suffix.lower() in {".yaml", ".yml"}
    most = workbook.MOST_BYTES if is_workbook else MOST_BYTES if is_yaml else _MOST_TABLE_BYTES
    data = read_bytes(file, shown_as, report, most)
    if data is None:
        return None
    return parse_roster(data, shown_as, workspace, vocabulary, report, keep_going=keep_going)


def parse_roster(  # noqa: PLR0913  as above
    data: bytes,
    shown_as: str,
    workspace: Workspace,
    vocabulary: Vocabulary,
    report: Report,
    *,
    keep_going: bool = False,
) -> tuple[Client, ...] | None:
    """Return every client that the bytes hold, or None after noting everything wrong."""
    before = len(report.errors)
    entries = _read_entries(data, PurePath(shown_as).suffix.lower(), shown_as, report)
    words = ConditionWords(vocabulary)
    programmes = workspace.programme_files()
    clients: list[Client] = []
    ids: dict[str, Place] = {}
    for source, values in entries:
        sound = len(report.errors)
        _check_characters(source, values, report)
        _resolve_conditions(source, values, words, report)
        _check_programme(source, values, programmes, report)
        _check_twice(source, values, ids, report)
        client = check_model(Client, values, source, report)
        if client is not None and len(report.errors) == sound:
            clients.append(client)
    if not entries and len(report.errors) == before:
        hint = "write a client a row under the headings id, name, conditions"
        report.add("no-clients", "the file holds no client", Place(shown_as), hint=hint)
    sound_file = len(report.errors) == before
    return tuple(clients) if sound_file or (keep_going and clients) else None


def _read_entries(data: bytes, suffix: str, file: str, report: Report) -> list[_Entry]:
    if suffix in {".yaml", ".yml"}:
        return _read_yaml_entries(data, file, report)
    if suffix in {".xlsx", ".xlsm"}:
        from handouts.source.workbook import read_workbook

        return _read_rows(read_workbook(data, file, report), file, report)
    if suffix not in {".csv", ".tsv", ".txt"}:
        hint = "clients stand in .csv, .xlsx or .yaml"
        report.add("unknown-kind", "it cannot be told what this file is", Place(file), hint=hint)
        return []
    text = decode(data, file, report)
    if text is None:
        return []
    text = _SEPARATOR_LINE.sub("", text)
    delimiter = sniff_delimiter(text, is_known)
    return _read_rows(read_csv(text, file, delimiter, report), file, report)


def _read_yaml_entries(data: bytes, file: str, report: Report) -> list[_Entry]:
    source = read_yaml(data, file, report)
    if source is None:
        return []
    for key in source.data:
        if key != "clients":
            message = f'there is no key "{shorten(key)}"'
            report.add("unknown-key", message, source.place((key,)), hint='did you mean "clients"?')
    rows = source.data.get("clients")
    if not isinstance(rows, list) or len(rows) > MOST_CLIENTS:
        hint = 'write "clients:" and under it "  - id: …"'
        report.add(
            "wrong-shape", "clients: a list belongs here", source.place(("clients",)), hint=hint
        )
        return []
    places, values = _split_places(source.places), _split_places(source.values)
    entries = []
    for n, row in enumerate(rows):
        faulty = {path[2:] for path in source.faulty if path[:2] == ("clients", n)}
        part = Positioned(file, {}, places.get(n, {}), values.get(n, {}), faulty)
        if isinstance(row, dict):
            entries.append(_Entry(part, dict(row)))
        elif () not in faulty:
            hint = 'write "- id: …"'
            report.add("wrong-shape", "a client is a group of keys", part.place(()), hint=hint)
    return entries


def _split_places(places: dict[KeyPath, Place]) -> dict[str | int, dict[KeyPath, Place]]:
    """Return the places inside each client, by its position in the list."""
    found: dict[str | int, dict[KeyPath, Place]] = {}
    for path, place in places.items():
        if len(path) > 1 and path[0] == "clients":
            found.setdefault(path[1], {})[path[2:]] = place
    return found


def _read_rows(rows: list[Row], file: str, report: Report) -> list[_Entry]:
    if not rows:
        return []
    headings, *body = rows
    keys = read_columns(headings, report)
    if keys is None:
        return []
    entries = []
    for row in body:
        spare = [cell for cell in row[len(keys) :] if cell.text]
        if spare or len(row) < len(keys):
            count = f"{len(row)} cells stand under {len(keys)} headings"
            hint = "a cell in which commas stand needs quotes; an empty one still needs its comma"
            report.add("ragged-row", count, (spare or row)[0].place, hint=hint)
        cells = {key: cell for key, cell in zip(keys, row, strict=False) if key}
        entries.append(_to_entry(cells, row[0].place, file, report))
    return entries


def _to_entry(cells: dict[str, Cell], begin: Place, file: str, report: Report) -> _Entry:
    values = {key: cell.text for key, cell in cells.items() if cell.text or key == "conditions"}
    places: dict[KeyPath, Place] = {(): begin}
    places |= {(key,): cell.place for key, cell in cells.items()}
    faulty: set[KeyPath] = {(key,) for key in REQUIRED if key not in values}
    for key in REQUIRED:
        if key in cells and key not in values:
            message = f"{key}: nothing is written"
            report.add("empty-value", message, cells[key].place, hint="fill in the cell")
    return _Entry(Positioned(file, values, places, places, faulty), dict(values))


def _check_characters(source: Positioned, values: dict[str, Any], report: Report) -> None:
    """Note what a workbook's cell may hold; text files were looked through before."""
    # At once: nearly every client passes.
    if not has_bad_characters("".join(text for text in values.values() if isinstance(text, str))):
        return
    for key, value in values.items():
        if isinstance(value, str) and (bad := next(find_bad_characters(value), None)):
            message = f"{key}: {bad[1]} in the text"
            report.add("bad-character", message, source.place((key,)), hint="delete it")
            source.faulty.add((key,))


def _resolve_conditions(
    source: Positioned, values: dict[str, Any], words: ConditionWords, report: Report
) -> None:
    """Put slugs in the place of words; a list in YAML, one cell elsewhere."""
    typed = values.get("conditions")
    if isinstance(typed, str):
        found: list[tuple[KeyPath, Any]] = [(("conditions",), word) for word in words.split(typed)]
    elif isinstance(typed, list):
        found = [
            (("conditions", n), word)
            for n, cell in enumerate(typed)
            for word in (words.split(cell) if isinstance(cell, str) else [cell])
        ]
    else:
        return
    slugs: dict[str, None] = {}
    for path, word in found:
        if not isinstance(word, str) or source.is_faulty(path):
            return  # the model says what belongs here
        meant = words.find(word)
        slugs |= dict.fromkeys(meant)
        if not meant:
            message = f'conditions: there is no condition "{shorten(word)}"'
            hint = words.suggest(word)
            report.add("unknown-condition", message, source.place(path), hint=hint)
    values["conditions"] = [*slugs]


def _check_programme(
    source: Positioned, values: dict[str, Any], programmes: dict[str, Path], report: Report
) -> None:
    named = values.get("programme")
    if isinstance(named, str) and named not in programmes and not source.is_faulty(("programme",)):
        message = f'programme: there is no programme "{shorten(named)}"'
        hint = did_you_mean(named, programmes) or f"known here: {', '.join(programmes)}"
        report.add("unknown-programme", message, source.place(("programme",)), hint=hint)
        source.faulty.add(("programme",))


def _check_twice(
    source: Positioned, values: dict[str, Any], ids: dict[str, Place], report: Report
) -> None:
    typed = values.get("id")
    if not isinstance(typed, str):
        return
    place = source.place(("id",))
    first = ids.setdefault(fold_id(typed.strip()), place)
    if first is not place:
        message = f'id: "{shorten(typed)}" is taken already'
        hint = f"it stands in line {first.line}: some computers do not tell their files apart"
        report.add("duplicate-id", message, place, hint=hint)
