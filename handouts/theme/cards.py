"""Turn a booklet into sheets of pocket cards: how to do it in front, who should avoid it behind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from handouts.model.markup import SPARE_BEGIN, SPARE_END, Markup, Phrase
from handouts.model.settings import Paper, Size
from handouts.theme import phrasing
from handouts.theme.drawings import EmblemDrawer
from handouts.theme.environment import fill_template
from handouts.theme.handout import make_imprint_style
from handouts.theme.phrases import find_advice
from handouts.theme.words import read_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from handouts.model.assignment import Task
    from handouts.model.base import Slug
    from handouts.model.booklet import Booklet
    from handouts.model.exercise import Exercise, Precaution
    from handouts.model.picture import Figure
    from handouts.model.settings import PrintSettings
    from handouts.theme.advice import Advice
    from handouts.theme.handout import Dresser
    from handouts.theme.words import Words

Box = tuple[float, float, float, float]
"""Left, bottom, right, top in points from the lower left corner of the paper."""
_SHEET = "cards.css"
_POINTS = 72 / 25.4
_PAPERS = {Paper.A4: (210.0, 297.0), Paper.LETTER: (215.9, 279.4)}
_WIDTH = 190.0
# Millimetres above the title, of all rows, and below them. On Letter a title of 18 pt (7 mm), two
# crop marks (7 mm each) and a foot of 18 pt (14 mm) leave the cards 240 of 279.
_HEIGHTS = {Paper.A4: (8.0, 248.0, 24.5), Paper.LETTER: (4.5, 240.0, 20.7)}
_ROOM = 0.3
"""Millimetres of slack, so that rounding moves no row to the next page: far less than a line."""
_LONG_TITLE = 48.0
"""Millimetres that the last of the grids leaves to a title of several lines."""


@dataclass(frozen=True, slots=True)
class CardGrid:
    """Where the cards stand on a sheet, in millimetres: all of one size."""

    paper: Paper
    columns: int
    rows: int
    picture: tuple[float, float]
    """The height of a standing body and the widest that a picture may be."""
    title_room: float = 0.0
    """Taken from the cards for a long title."""

    @property
    def places(self) -> int:
        """How many cards a sheet holds."""
        return self.columns * self.rows

    @property
    def card(self) -> tuple[float, float]:
        """Width and height of a card."""
        return _WIDTH / self.columns, (_HEIGHTS[self.paper][1] - self.title_room) / self.rows

    @property
    def left(self) -> float:
        """From the left edge of the paper to the first column, and the same at the right."""
        return (_PAPERS[self.paper][0] - _WIDTH) / 2

    @property
    def top(self) -> float:
        """From the upper edge of the paper to the first row."""
        _, high, below = _HEIGHTS[self.paper]
        return _PAPERS[self.paper][1] - below - high + self.title_room

    @property
    def area(self) -> Box:
        """All places of a sheet, used or not."""
        first, last = self._place(0), self._place(self.places - 1)
        return first[0], last[1], last[2], first[3]

    def boxes(self, cards: int, *, right_to_left: bool = False) -> tuple[tuple[Box, ...], ...]:
        """Return for each page, front and back in turn, the place of each of its cards."""
        return tuple(
            tuple(
                self._place(number, mirrored=mirrored)
                for number in range(min(self.places, cards - first))
            )
            for first in range(0, cards, self.places)
            for mirrored in (right_to_left, not right_to_left)
        )

    def style(self) -> str:
        """Return the same places as CSS: custom properties, and a page for each number of rows."""
        width, height = self.card
        above, paper = _HEIGHTS[self.paper][0], _PAPERS[self.paper][1]
        properties = {
            "--card-width": width,
            "--card-height": height,
            "--card-head": self.top - above,
            "--card-picture": self.picture[1],
        }
        said = "; ".join(f"{name}: {value:.4f}mm" for name, value in properties.items())
        lines = [f":root {{ {said} }}"]
        for rows in range(1, self.rows + 1):
            # The page ends with its last row: what makes a card grow pushes that row off the page.
            below = paper - self.top - rows * height - _ROOM
            margin = f"{above}mm {self.left:.4f}mm {below:.4f}mm"
            lines.append(f"@page cards-{rows} {{ margin: {margin} }}")
        return "\n".join(lines)

    def _place(self, number: int, *, mirrored: bool = False) -> Box:
        (width, height), (row, column) = self.card, divmod(number, self.columns)
        left = self.left + (self.columns - 1 - column if mirrored else column) * width
        top = _PAPERS[self.paper][1] - self.top - row * height
        right, bottom = left + width, top - height
        return left * _POINTS, bottom * _POINTS, right * _POINTS, top * _POINTS


_GRIDS = {
    Size.STANDARD: (
        (2, 4, (34.0, 26.0)),
        (2, 4, (28.0, 23.0)),
        (2, 3, (46.0, 34.0)),
        (2, 3, (32.0, 24.0)),
        (2, 2, (60.0, 44.0)),
        (1, 2, (60.0, 60.0)),
    ),
    Size.LARGE: (
        (2, 2, (44.0, 34.0)),
        (2, 2, (30.0, 22.0)),
        (1, 3, (44.0, 50.0)),
        (1, 2, (64.0, 60.0)),
    ),
}


def list_grids(look: PrintSettings) -> tuple[CardGrid, ...]:
    """Return the grids to try, the smallest cards first: one of them is the first that holds all.

    Type is never set smaller than the size's own: the picture gives way first, then the card grows.
    """
    grids = [CardGrid(look.paper, *grid) for grid in _GRIDS[look.size]]
    return (*grids, CardGrid(look.paper, 1, 1, (70.0, 90.0), _LONG_TITLE))


@dataclass(frozen=True, slots=True)
class Amount:
    """One task of a card: how much, and in which way."""

    lead: str
    """``Week 1:``, ``How much:``, or the session's name before it."""
    dose: str | None
    """None for a line to write on."""
    way: str | None
    """The rung of the ladder."""


@dataclass(frozen=True, slots=True)
class Card:
    """What stands on both sides of a pocket card."""

    exercise: Exercise
    emblem: Figure | None
    cues: tuple[str, ...]
    amounts: tuple[Amount, ...]
    advice: tuple[Advice, ...]
    levels: tuple[tuple[str, str], ...]
    """``Ask first`` and the conditions in a row, the strictest first."""
    stops: tuple[str, ...]


def dress_cards(
    dresser: Dresser,
    booklet: Booklet,
    advice: Mapping[Slug, Sequence[Advice]],
    grid: CardGrid | None = None,
) -> Markup:
    """Return sheets of cards, one an exercise: a page of fronts, then a page of their backs.

    To print on both sides and flip on the long edge: backs stand from the other side. A row that
    grows beyond its place is not printed, and the proof then misses its texts (``text-lost``): no
    card is ever cut. Try the grids of :func:`list_grids` in turn until nothing is lost.

    Args:
        dresser: the theme, the size and the paper.
        booklet: the exercises and what is asked of them.
        advice: by the exercise's slug, what the client has to heed; those without may be missing.
        grid: where the cards stand; the first of the grids without one.

    Raises:
        HandoutError: a fault in a template, a style sheet or a catalogue.
    """
    grid = grid or list_grids(dresser.settings.print)[0]
    words = read_words(dresser.chain, booklet.programme.language)
    cards = [
        _make_card(dresser, booklet, exercise, advice.get(exercise.slug, ()), words)
        for exercise in booklet.exercises
    ]
    environment = dresser.make_environment(words)
    environment.filters["together"] = phrasing.keep_together
    # Cards part: each picture is as large as its own card allows.
    environment.filters["emblem"] = lambda exercise, *how: EmblemDrawer(
        [exercise], dresser.settings.print, dresser.sketches
    ).draw(exercise, *how)
    values = {
        **dresser.values(words),
        "title": booklet.programme.title,
        "programme": booklet.programme,
        "sheets": [cards[at : at + grid.places] for at in range(0, len(cards), grid.places)],
        "columns": grid.columns,
        "picture": grid.picture,
        "spare_begin": SPARE_BEGIN,
        "spare_end": SPARE_END,
    }
    return Markup(
        title=booklet.programme.title,
        html=fill_template(environment, "booklet/cards.html.j2", values),
        css=f"{dresser.stylesheet(_SHEET)}\n{grid.style()}",
        phrases=(Phrase("title", booklet.programme.title), *_find_phrases(cards, words)),
        imprint=make_imprint_style(dresser.chain, dresser.settings, words),
        problems=tuple(words.report),
    )


def _make_card(
    dresser: Dresser,
    booklet: Booklet,
    exercise: Exercise,
    advice: Sequence[Advice],
    words: Words,
) -> Card:
    conditions = dresser.vocabulary.conditions
    tasks = booklet.tasks[exercise.slug]

    def name_conditions(rows: Sequence[Precaution]) -> str:
        # Some names hold commas: "recent surgery on the hip, leg or foot".
        return phrasing.sentence("; ".join(conditions[row.condition].name for row in rows)) + "."

    own = exercise.stop_if or (words.say("It hurts, or you feel dizzy or unwell."),)
    return Card(
        exercise,
        exercise.emblem(),
        exercise.short_cues(),
        tuple(_say_amount(task, words, alone=len(tasks) == 1) for task in tasks),
        tuple(advice),
        tuple(
            (phrasing.say_term(words, level), name_conditions(rows))
            for level, rows in phrasing.by_level(exercise.avoid)
        ),
        tuple(dict.fromkeys([*booklet.programme.stop_if, *own])),
    )


def _say_amount(task: Task, words: Words, *, alone: bool) -> Amount:
    lead = words.say("How much:")
    if len(task.weeks) > 1:
        lead = f"{phrasing.say_from_week(words, 1)}:"
    if not alone and task.session:
        lead = f"{task.session}. {lead}"
    side = phrasing.say_side(words, task.side) if task.side else None
    dose = phrasing.say_dose(words, task.begin.dose) if task.begin.dose else None
    if side and dose:
        dose = f"{dose}, {side}"
    elif side:
        lead = f"{lead} {side}"
    rung = task.begin.rung
    way = words.say("Do it like this: %(name)s", name=rung.name) if rung else None
    return Amount(lead, f"{dose}." if dose else None, f"{way}." if way else None)


def _find_phrases(cards: Sequence[Card], words: Words) -> Iterator[Phrase]:
    """Yield each text, and each side in one piece: what two cards say may not be lost on one."""
    for card in cards:
        slug = card.exercise.slug
        for side, said in (("front", _say_front(card)), ("back", _say_back(card, words))):
            yield from (Phrase(f"{slug}.{side}.{where}", text) for where, text in said)
            yield Phrase(f"{slug}.{side}", " ".join(text for _, text in said))


def _say_front(card: Card) -> list[tuple[str, str]]:
    said = [("name", card.exercise.name)]
    said += [(f"cues[{n}]", cue) for n, cue in enumerate(card.cues)]
    for number, amount in enumerate(card.amounts):
        texts = [text for text in (amount.lead, amount.dose, amount.way) if text]
        said.append((f"tasks[{number}]", " ".join(texts)))
    return said


def _say_back(card: Card, words: Words) -> list[tuple[str, str]]:
    said = [("heading", f"{card.exercise.name} {words.say('Who should avoid this')}")]
    if card.advice:
        said.append(("for-you", words.say("For you:")))
        said += [(phrase.where, phrase.text) for phrase in find_advice(card.advice)]
    said += [(level, f"{level}: {names}") for level, names in card.levels]
    said.append(("stop_if", f"{words.say('Stop if')}: {' '.join(card.stops)}"))
    return said
