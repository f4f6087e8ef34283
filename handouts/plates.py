"""Turn a booklet's content into its plates: each markup laid out once, pages that fit their sheet."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import TYPE_CHECKING

from handouts.model.settings import Detail, Size
from handouts.press.plate import lay_out
from handouts.problem import HandoutError, Place, Report
from handouts.theme.handout import Fit

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from handouts.model.assignment import Task
    from handouts.model.exercise import Exercise
    from handouts.model.markup import Markup
    from handouts.press.plate import Plate
    from handouts.screening import Finding
    from handouts.theme.handout import Dresser

_SHEET = 2
"""Pages of one sheet of paper, front and back."""
_SCALES = (0.8, 0.64)
"""By which pictures shrink, in turn: at the last, a step's is 2 cm high and still to be read."""
_MISFITS = frozenset({"avoid-not-on-front", "avoid-split"})


@dataclass(frozen=True, slots=True)
class Leaf:
    """An exercise as a client gets it: what is asked, and what screening found."""

    exercise: Exercise
    tasks: tuple[Task, ...]
    findings: tuple[Finding, ...] = ()
    place: Place | None = None
    """The exercise's file, for problems."""


@dataclass(slots=True)
class Pressed:
    """A plate, and what was found while it was made."""

    plate: Plate | None
    report: Report = field(default_factory=Report)


def press_leaf(dresser: Dresser, leaf: Leaf) -> Pressed:
    """Return the plate of an exercise: the one with the largest pictures that keeps to a sheet.

    Where none does, it is the one of the fewest pages. Large print and full detail may run on; the
    who-should-avoid box stands whole on the front in any case, or the report has an error.
    """
    tried: list[Pressed] = []
    fit: Fit | None = Fit()
    while fit:
        markup = dresser.dress_exercise(leaf.exercise, leaf.tasks, leaf.findings, fit)
        pressed = press_markup(markup, leaf.place)
        tried.append(pressed)
        fit = _tighten(fit, pressed, dresser)
    sound = [pressed for pressed in tried if not pressed.report.errors]
    return min(sound, key=_count_pages) if sound else tried[-1]


def _tighten(fit: Fit, pressed: Pressed, dresser: Dresser) -> Fit | None:
    """Return what to try next where a page has overflowed; None where nothing is to be gained."""
    errors = {problem.code for problem in pressed.report.errors}
    if errors - _MISFITS or fit.warning_first:
        return None
    if errors:
        scale = next((scale for scale in _SCALES if scale < fit.front), None)
        return replace(fit, front=scale) if scale else replace(fit, warning_first=True)
    if _keeps_to_sheet(dresser, pressed):
        return None
    scale = next((scale for scale in _SCALES if scale < fit.back), None)
    return replace(fit, back=scale) if scale else None


def press_markup(markup: Markup, place: Place | None = None) -> Pressed:
    """Return the plate of a markup, and all that the theme, the engine and the proof found.

    Raises:
        HandoutError: ``engine-missing``.
    """
    pressed = Pressed(None, Report([*markup.problems]))
    try:
        pressed.plate = lay_out(markup, place, pressed.report)
    except HandoutError as error:
        if any(problem.code == "engine-missing" for problem in error.report):
            raise
        pressed.report.extend(error.report)
    return pressed


def _keeps_to_sheet(dresser: Dresser, pressed: Pressed) -> bool:
    look = dresser.settings.print
    free = look.size is Size.LARGE or look.detail is Detail.FULL
    return free or _count_pages(pressed) <= _SHEET


def _count_pages(pressed: Pressed) -> int:
    return pressed.plate.pages if pressed.plate else 0


@dataclass(slots=True)
class PlateRack:
    """The plates of a run by their content: what is equal is laid out once."""

    _plates: dict[str, Pressed] = field(default_factory=dict)

    def press(self, markup: Markup, place: Place | None = None) -> Pressed:
        """Return the plate of a markup; the one that is there, if it was made before."""
        key = _digest([markup.html, markup.css])
        if key not in self._plates:
            self._plates[key] = press_markup(markup, place)
        return self._plates[key]


def _digest(parts: Sequence[str]) -> str:
    digest = sha256()
    for part in parts:
        digest.update(sha256(part.encode("utf-8", "surrogatepass")).digest())
    return digest.hexdigest()
