"""Turn markups into plates: each laid out once, an exercise on one sheet where that can be."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeAlias

from handouts.crew import share_out
from handouts.model.settings import Detail, Size
from handouts.press.store import press_plate
from handouts.problem import Place, Report
from handouts.theme.booklet import TIGHTEST
from handouts.theme.cards import dress_cards, list_grids
from handouts.theme.handout import Fit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from handouts.model.assignment import Task
    from handouts.model.base import Slug
    from handouts.model.exercise import Exercise
    from handouts.model.markup import Markup
    from handouts.press.plate import Plate
    from handouts.theme.advice import Advice
    from handouts.theme.booklet import BookletDresser
    from handouts.theme.cards import CardGrid
    from handouts.theme.handout import Dresser

Press: TypeAlias = "Callable[[Markup, Place | None, Report, int | None], Plate | None]"
"""Makes a plate as :func:`press_plate` does."""
Key: TypeAlias = tuple[object, ...]
"""All that a plate depends on within a run; equal key, equal plate."""
_SHEET = 2
"""Pages of one sheet of paper, front and back."""
_MANY = 1000
_SCALES = (0.8, 0.64)
"""By which pictures shrink, in turn: at the last, a step's is 2 cm high and still to be read."""
_MISFITS = frozenset({"avoid-not-on-front", "avoid-split"})


@dataclass(frozen=True, slots=True)
class Leaf:
    """An exercise as a client gets it: what is asked, and what to heed."""

    exercise: Exercise
    tasks: tuple[Task, ...]
    advice: tuple[Advice, ...] = ()
    place: Place | None = None
    """The exercise's file, for problems."""


@dataclass(slots=True)
class Pressed:
    """A plate, and what was found while it was made."""

    plate: Plate | None
    report: Report = field(default_factory=Report)
    grid: CardGrid | None = None
    """Where the cards stand on their sheets."""


_press: Press = press_plate


def press_with(press: Press) -> None:
    """Have all plates of this process made by another function from now on."""
    global _press  # noqa: PLW0603  the process's own
    _press = press


def press_leaf(dresser: Dresser, leaf: Leaf) -> Pressed:
    """Return the plate of an exercise: the one with the largest pictures that keeps to a sheet.

    Where none does, it is the one of the fewest pages. Large print and full detail may run on; the
    who-should-avoid box stands whole on the front in any case, or the report has an error.
    """
    tried: list[tuple[Markup, Pressed]] = []
    most = _MANY if _may_run_on(dresser) else _SHEET
    fit: Fit | None = Fit()
    while fit:
        markup = dresser.dress_exercise(leaf.exercise, leaf.tasks, leaf.advice, fit)
        pressed = press_markup(markup, leaf.place, most)
        tried.append((markup, pressed))
        fit = _tighten(fit, pressed, dresser)
    sound = [each for each in tried if not each[1].report.errors]
    found = tried[-1][1]
    for markup, pressed in sorted(sound, key=lambda each: _count_pages(each[1])):
        # Of what has more pages than was hoped for, they were only counted so far.
        found = pressed if _is_whole(pressed) else press_markup(markup, leaf.place)
        errors = {problem.code for problem in found.report.errors}
        if not errors or errors - _MISFITS:
            break
    return found


def _is_whole(pressed: Pressed) -> bool:
    return pressed.plate is None or bool(pressed.plate.pdf)


def _tighten(fit: Fit, pressed: Pressed, dresser: Dresser) -> Fit | None:
    """Return what to try next where a page has overflowed; None where nothing is to be gained."""
    errors = {problem.code for problem in pressed.report.errors}
    if errors - _MISFITS:
        return None
    if errors:
        return _make_room_for_box(fit, dresser)
    if _may_run_on(dresser) or _count_pages(pressed) <= _SHEET:
        return None
    scale = next((scale for scale in _SCALES if scale < fit.back), None)
    return replace(fit, back=scale) if scale else None


def _make_room_for_box(fit: Fit, dresser: Dresser) -> Fit | None:
    # Large print has the box before the steps anyway: their pictures' size is nothing to it.
    large = dresser.settings.print.size is Size.LARGE
    scale = next((scale for scale in _SCALES if scale < fit.front), None)
    if scale and not large:
        return replace(fit, front=scale)
    if not fit.warning_first and not large:
        return replace(fit, warning_first=True)
    return None if fit.advice_apart else replace(fit, advice_apart=True)


def press_cover(pages: BookletDresser, place: Place | None) -> Pressed:
    """Return the plate of a booklet's cover: with the largest pictures that leave it one page."""
    pressed = Pressed(None)
    for tightness in range(TIGHTEST + 1):
        pressed = press_markup(pages.dress_cover(tightness), place)
        if pressed.plate is None or pressed.plate.pages == 1:
            break
    return pressed


def press_cards(
    pages: BookletDresser, advice: Mapping[Slug, Sequence[Advice]], place: Place | None
) -> Pressed:
    """Return the plate of a booklet's pocket cards: the smallest on which all can be read."""
    pressed = Pressed(None)
    for grid in list_grids(pages.dresser.settings.print):
        markup = dress_cards(pages.dresser, pages.booklet, advice, grid)
        pressed = press_markup(markup, place)
        pressed.grid = grid
        if {problem.code for problem in pressed.report.errors} != {"text-lost"}:
            break
    return pressed


def press_markup(
    markup: Markup, place: Place | None = None, most_pages: int | None = None
) -> Pressed:
    """Return the plate of a markup, and all that the theme, the engine and the proof found.

    Args:
        markup: what is laid out.
        place: where problems are.
        most_pages: where there are more, their number may be all that is found.

    Raises:
        HandoutError: ``engine-missing``.
    """
    report = Report([*markup.problems])
    plate = _press(markup, place, report, most_pages)
    return Pressed(plate, report)


def _may_run_on(dresser: Dresser) -> bool:
    look = dresser.settings.print
    return look.size is Size.LARGE or look.detail is Detail.FULL


def _count_pages(pressed: Pressed) -> int:
    return pressed.plate.pages if pressed.plate else 0


class Rack:
    """The plates of a run: what two clients share is laid out once."""

    def __init__(self) -> None:
        """Begin with none."""
        self._made: dict[Key, Pressed] = {}

    def make(self, wanted: Mapping[Key, Callable[[], Pressed]]) -> None:
        """Make the plates that are not there yet, on all processors of this machine.

        Args:
            wanted: what makes a plate, by all that it depends on.

        Raises:
            HandoutError: ``engine-missing``.
        """
        missing = {key: make for key, make in wanted.items() if key not in self._made}
        keys = {str(number): key for number, key in enumerate(missing)}
        tools = {name: missing[key] for name, key in keys.items()}
        with closing(share_out(_make, tools, list(keys))) as making:
            for name, finish in making:
                self._made[keys[name]] = finish()

    def __getitem__(self, key: Key) -> Pressed:
        """Return a plate that was made."""
        return self._made[key]


def _make(tools: Mapping[str, Callable[[], Pressed]], name: str) -> Pressed:
    return tools[name]()
