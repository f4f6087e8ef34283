"""Turn a markup into the plate that an earlier run made of it, or into one that the next finds.

A plate depends on its markup, on the code and the libraries that lay it out, and on the fonts that
the system has: a letter that the page's own fonts lack comes from one of those, and a font that is
installed tomorrow may come before the one that serves today. All of it is in the key, so nothing is
ever outdated.
"""

from __future__ import annotations

import json
import os
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING

from handouts.cache import fingerprint, read_cached, write_cached
from handouts.press.machine import describe_press
from handouts.press.plate import Plate, lay_out, prepare_engine
from handouts.problem import HandoutError, Problem, Report, Severity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from handouts.model.markup import Markup
    from handouts.problem import Place

_FORMAT = "plate 1"
# Without a language in the text, the system's decides between fonts; the clock is in emoji fonts.
_VARIABLES = ("FC_LANG", "LC_ALL", "LC_CTYPE", "LANG", "PANGO_LANGUAGE", "SOURCE_DATE_EPOCH")
# What the proof finds follows from the PDF alone. Other errors are told anew, with hints for the
# machine as it is then.
_MISFITS = frozenset({"avoid-not-on-front", "avoid-split", "text-lost"})


def press_plate(
    markup: Markup, place: Place | None, report: Report, most_pages: int | None = None
) -> Plate | None:
    """Return the plate that an earlier run made of a markup, or one that is made and kept now.

    Args:
        markup: what is laid out.
        place: where problems are.
        report: gets what was found while it was made, and why it could not be: None is returned.
        most_pages: where there are more, their number may be all that is found.

    Raises:
        HandoutError: ``engine-missing``.
    """
    if found := find_plate(markup, place, most_pages):
        report.extend(found[1])
        return found[0]
    fresh = Report()
    plate = None
    try:
        plate = lay_out(markup, place, fresh, most_pages)
        keep_plate(markup, place, plate, list(fresh))
    except HandoutError as error:
        if any(problem.code == "engine-missing" for problem in error.report):
            raise
        fresh.extend(error.report)
    report.extend(fresh)
    return plate


def prepare_press() -> None:
    """Load and look up what the first plate needs, but no fonts, before this process is doubled.

    Pango looks for fonts in threads of its own, which a double has not.

    Raises:
        HandoutError: ``engine-missing``.
    """
    prepare_engine()
    describe_press()


def find_plate(
    markup: Markup, place: Place | None, most_pages: int | None = None
) -> tuple[Plate | None, list[Problem]] | None:
    """Return the plate that was made of the markup, and what was found while it was made.

    Of a markup that did not fit, only what was found is there, and no plate. Nothing is there if
    none was kept, or if it is damaged.

    Args:
        markup: what the plate would be made from.
        place: where problems are now.
        most_pages: of more, their number is enough.
    """
    key = _find_key(markup, place)
    data = read_cached(_name(key)) if key else None
    if key is None or data is None:
        return None
    head, _, rest = data.partition(b"\n")
    if head.decode("ascii", "replace") != f"{_FORMAT} {sha256(rest).hexdigest()}":
        return None
    label_text, _, pdf = rest.partition(b"\n")
    try:
        label = json.loads(label_text)
        if label["key"] != key:
            return None
        problems = [_read_problem(problem, place) for problem in label["problems"]]
        spots = {str(name): (int(page), *box) for name, (page, *box) in label["spots"].items()}
        plate = Plate(markup.title, pdf, int(label["pages"]), spots)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    if pdf or any(problem.severity is Severity.ERROR for problem in problems):
        return plate if pdf else None, problems
    # Pages that were only counted.
    return (plate, problems) if most_pages is not None and plate.pages > most_pages else None


def keep_plate(
    markup: Markup, place: Place | None, plate: Plate, problems: Sequence[Problem]
) -> None:
    """Keep a plate without errors for the next run; of one that does not fit, only that.

    So it is with one whose pages were only counted.
    """
    errors = {problem.code for problem in problems if problem.severity is Severity.ERROR}
    key = None if errors - _MISFITS else _find_key(markup, place)
    if key is None:
        return
    label = {
        "key": key,
        "pages": plate.pages,
        "spots": plate.spots,
        "problems": [_write_problem(problem) for problem in problems],
    }
    text = json.dumps(label).encode("ascii")
    rest = b"%b\n%b" % (text, b"" if errors else plate.pdf)
    write_cached(_name(key), f"{_FORMAT} {sha256(rest).hexdigest()}\n".encode("ascii") + rest)


def _name(key: str) -> str:
    return f"plates/{key}.plate"


def _write_problem(problem: Problem) -> dict[str, object]:
    return {**problem.as_dict(), "place": problem.place is not None}


def _read_problem(data: dict[str, object], place: Place | None) -> Problem:
    here = place if data["place"] else None
    return Problem.from_dict(
        {**data, "place": {"file": here.file, "line": here.line, "column": here.column}}
        if here
        else {**data, "place": None}
    )


def _find_key(markup: Markup, place: Place | None) -> str | None:
    """Return a hash of all that a plate depends on; None where that cannot be known."""
    press = describe_press()
    if press is None:
        return None
    return fingerprint(
        [
            press,
            *(os.environ.get(name, "") for name in _VARIABLES),
            # What is said of a style sheet has no place; of a page without one, nothing has.
            "placed" if place else "",
            markup.title,
            markup.html,
            _hash_style(markup.css),
            *(text for phrase in markup.phrases for text in (phrase.where, phrase.text)),
        ]
    )


@lru_cache(maxsize=8)
def _hash_style(css: str) -> str:
    return fingerprint([css])
