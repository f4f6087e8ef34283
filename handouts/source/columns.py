"""Turn the headings of a list of clients, as people write them, into the keys of its columns."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from handouts.source.suggest import did_you_mean, shorten

if TYPE_CHECKING:
    from handouts.problem import Report
    from handouts.source.table import Cell, Row

# Headings as people write them, without case, spaces and marks.
_HEADINGS = {
    "id": "id clientid client no number nr ref reference code",
    "name": "name fullname clientname clientsname printedname",
    "email": "email mail emailaddress",
    "telephone": "telephone tel phone mobile telephonenumber phonenumber mobilenumber",
    "language": "language lang",
    "size": "size printsize typesize textsize fontsize",
    "paper": "paper papersize",
    "conditions": "conditions condition healthconditions medicalconditions health "
    "diagnosis diagnoses medicalhistory injuries",
    "notes": "notes note comments comment remarks",
    "programme": "programme program plan exerciseprogramme",
}
_KEYS = {word: key for key, words in _HEADINGS.items() for word in words.split()}
REQUIRED = ("id", "name", "conditions")


def is_known(heading: str) -> bool:
    """Return whether a heading stands for a column that is read."""
    return _fold(heading) in _KEYS


def _fold(heading: str) -> str:
    return re.sub(r"[\W_]", "", unicodedata.normalize("NFKC", heading).casefold())


def read_columns(row: Row, report: Report) -> list[str] | None:
    """Return the key of each column, "" for one that is not read; None if one is missing."""
    keys: list[str] = []
    while row and not row[-1].text:
        row = row[:-1]
    for cell in row:
        key = _KEYS.get(_fold(cell.text), "")
        if key and key in keys:
            message = f'"{shorten(cell.text)}": a second column for {key}'
            report.add("listed-twice", message, cell.place, hint="keep one of the two")
            key = ""
        elif not key:
            _note_column(cell, report)
        keys.append(key)
    missing = [key for key in REQUIRED if key not in keys]
    for key in missing:
        known = ", ".join(_HEADINGS)
        hint = f"headings known here: {known}"
        if key == "conditions":
            hint = 'add the column; write "none" or nothing where a client has no condition'
        report.add("column-missing", f'there is no column "{key}"', row[0].place, hint=hint)
    return None if missing else keys


def _note_column(cell: Cell, report: Report) -> None:
    """A column that is nearly one of ours is a mistake; another one is only not read."""
    heading = shorten(cell.text)
    guess = did_you_mean(_fold(cell.text), _HEADINGS)
    if guess:
        report.add("unknown-column", f'there is no column "{heading}"', cell.place, hint=guess)
    else:
        message = f'the column "{heading}" is not read'
        report.warn("unknown-column", message, cell.place, hint=f"known: {', '.join(_HEADINGS)}")
