"""Turn a desk's content into bound booklets: plates made once, then one document a reader."""

from __future__ import annotations

from functools import cached_property, partial
from itertools import accumulate, count
from typing import TYPE_CHECKING

from handouts.bind.archive import archive_pdf
from handouts.bind.crop import lay_crop_marks
from handouts.bind.fill import fill_master
from handouts.bind.impose import impose_folded
from handouts.bind.join import bind_plates
from handouts.bind.master import NOWHERE, Foot, make_master, open_places
from handouts.bind.part import Part
from handouts.bind.protect import protect_pdf
from handouts.booklet.plates import Leaf, press_cards, press_cover, press_leaf, press_markup
from handouts.order import Layout
from handouts.press.line import set_lines
from handouts.problem import HandoutError, Report
from handouts.theme.booklet import BookletDresser

if TYPE_CHECKING:
    from collections.abc import Callable

    import pikepdf

    from handouts.bind.master import Master, Room
    from handouts.booklet.desk import Desk, Reader
    from handouts.booklet.plates import Key, Pressed, Rack
    from handouts.model.markup import Markup
    from handouts.order import Look
    from handouts.press.plate import Plate
    from handouts.theme.handout import Dresser

_SHEET = 2
"""Pages of an exercise, as a rule."""
_FOLD = 4
"""Pages of a sheet that is folded once."""
_TRIES = 4
# The booklet's own pages, with a sign that no exercise's slug has.
_COVER, _WELCOME, _WEEK, _SAFETY = "_cover", "_welcome", "_week", "_safety"
_LOG, _CLOSING, _NOTES, _CARDS = "_log", "_closing", "_notes", "_cards"
_MADE_FIRST = (_COVER, _WEEK, _SAFETY, _LOG, _CLOSING, _NOTES)
_UNLISTED = {_COVER, _WELCOME, _NOTES}
"""Not in the contents."""
_ANY_SIDE = {_COVER, _WELCOME, _WEEK, _SAFETY, _CLOSING, _NOTES}
"""May begin on the back of a sheet."""


class Bindery:
    """Makes the booklets of one look."""

    def __init__(self, desk: Desk, look: Look, rack: Rack) -> None:
        """Keep what the booklets are made from, how they look, and where their plates stand."""
        self._desk, self._look, self._rack = desk, look, rack

    def list_plates(self, reader: Reader) -> dict[Key, Callable[[], Pressed]]:
        """Return what makes each plate of a reader's booklet.

        The one with the contents names pages that are not there yet: it is made for those that are
        likely, and anew if they turn out to be others.
        """
        if self._desk.order.layout is Layout.CARDS:
            press = partial(press_cards, self._pages, reader.advice, self._desk.place())
            return {self._key(_CARDS, reader): press}
        pages, booklet = self._pages, self._desk.booklet
        fillable = self._desk.order.fillable
        makes: dict[str, Callable[[], Markup]] = {
            _LOG: lambda: pages.dress_log(fillable=fillable),
            _WEEK: pages.dress_week,
            _SAFETY: lambda: pages.dress_safety(reader.advice),
            _CLOSING: pages.dress_closing,
            _NOTES: pages.dress_notes,
        }
        plates: dict[Key, Callable[[], Pressed]] = {}
        cover = partial(press_cover, pages, self._desk.place())
        # What takes longest comes first; but the second page is of another kind, so that no two
        # processors compile the same templates.
        for exercise in booklet.exercises:
            advice = reader.advice.get(exercise.slug, ())
            place = self._desk.place(exercise.slug)
            leaf = Leaf(exercise, booklet.tasks[exercise.slug], advice, place)
            plates[self._key(exercise.slug, reader)] = partial(press_leaf, self._dresser, leaf)
            plates.setdefault(self._key(_COVER, reader), cover)
        for name, make in makes.items():
            plates[self._key(name, reader)] = partial(self._press, make)
        likely = dict.fromkeys((*_MADE_FIRST, _WELCOME), 1) | dict.fromkeys(self._slugs, _SHEET)
        return plates | self._list_contents(self._arrange(likely), likely, reader.changes)

    def make_master(self, reader: Reader, report: Report) -> Master:
        """Return the master of a reader's booklet; its plates have been made.

        Raises:
            HandoutError: what stops this booklet.
        """
        if self._desk.order.layout is Layout.CARDS:
            return self._make_cards(reader, report)
        found = Report()
        plates = self._collect(reader, found)
        found.raise_errors()
        parts = self._place_parts(plates, reader, found)
        found.raise_errors()
        report.extend(found)
        spot = plates[_COVER].spots.get("client", NOWHERE)
        return self._bind(
            parts, lambda document, foot: open_places(document, foot, spot, set_lines)
        )

    def _make_cards(self, reader: Reader, report: Report) -> Master:
        pressed = self._rack[self._key(_CARDS, reader)]
        pressed.report.raise_errors()
        report.extend(pressed.report)
        grid, plate = pressed.grid, pressed.plate
        if grid is None or plate is None:  # only with an error, which was raised
            raise HandoutError(pressed.report)
        cards = len(self._desk.booklet.exercises)

        def finish(document: pikepdf.Pdf, foot: Foot) -> Room:
            boxes = grid.boxes(cards, right_to_left=foot.style.right_to_left)
            lay_crop_marks(document, boxes, grid.area)
            return open_places(document, foot, None, set_lines)

        return self._bind([Part(plate, _CARDS, start_right=True)], finish)

    def _bind(self, parts: list[Part], finish: Callable[[pikepdf.Pdf, Foot], Room]) -> Master:
        """Return the master of these parts, folded or made for an archive as was ordered."""
        programme, settings = self._desk.booklet.programme, self._dresser.settings
        trainer = settings.trainer.name or settings.trainer.practice or ""
        foot = Foot(programme.title, trainer, self._pages.imprint_style())
        rooms: list[Room] = []
        pdf = bind_plates(
            parts,
            programme.title,
            programme.language,
            trainer,
            finish=lambda document: rooms.append(finish(document, foot)),
        )
        if self._folded:
            from_right = foot.style.right_to_left
            pdf = impose_folded(pdf, settings.print.paper, right_to_left=from_right)
        if self._desk.order.archive:
            pdf = _archive(pdf)
        return make_master(pdf, programme.title, foot, rooms[0])

    def _collect(self, reader: Reader, report: Report) -> dict[str, Plate]:
        """Return the plates of a reader by their names, and note what was wrong with them."""
        names = [*_MADE_FIRST, *self._slugs]
        plates = {}
        for name in names:
            pressed = self._rack[self._key(name, reader)]
            report.extend(pressed.report)
            if pressed.plate:
                plates[name] = pressed.plate
        return plates

    def _place_parts(self, plates: dict[str, Plate], reader: Reader, report: Report) -> list[Part]:
        """Return the plates in the order of the pages, with the page of contents for just these.

        The contents name pages that stand behind them: they are set anew until they take as many
        pages as was thought.
        """
        pages = 1
        for _ in range(_TRIES):
            counts = {name: plate.pages for name, plate in plates.items()} | {_WELCOME: pages}
            names = self._arrange(counts)
            [(key, make)] = self._list_contents(names, counts, reader.changes).items()
            self._rack.make({key: make})
            pressed = self._rack[key]
            if pressed.plate is None or pressed.plate.pages == pages:
                break
            pages = pressed.plate.pages
        report.extend(pressed.report)
        if pressed.plate is None:
            return []
        plates = {**plates, _WELCOME: pressed.plate}
        blanks = count(1)
        return [
            Part(
                plates[name],
                f"{_NOTES}-{next(blanks)}" if name == _NOTES else self._address(name),
                start_right=self._starts_right(name),
            )
            for name in names
        ]

    def _list_contents(
        self, names: list[str], counts: dict[str, int], changes: tuple[str, ...]
    ) -> dict[Key, Callable[[], Pressed]]:
        """Return what makes the plate with the contents of these plates, so many pages each."""
        begins = accumulate((counts[name] for name in names), initial=1)
        entries = tuple(
            (self._address(name), self._titles[name], page)
            for name, page in zip(names, begins, strict=False)
            if name not in _UNLISTED
        )
        key: Key = (self._look, _WELCOME, entries, changes)
        return {key: partial(self._press, partial(self._pages.dress_welcome, entries, changes))}

    def _arrange(self, counts: dict[str, int]) -> list[str]:
        """Return the plates' names in the order of the pages, with notes where one would be blank.

        An exercise begins on the front of a sheet; a folded booklet fills its last sheet.
        """
        arranged: list[str] = []
        pages = 0
        for name in (_COVER, _WELCOME, _WEEK, _SAFETY, *self._slugs, _LOG, _CLOSING):
            if self._starts_right(name) and pages % 2:
                arranged.append(_NOTES)
                pages += counts[_NOTES]
            if name == _CLOSING and self._folded:
                spare = -(pages + counts[_CLOSING]) % _FOLD
                arranged += [_NOTES] * spare
            arranged.append(name)
            pages += counts[name]
        return arranged

    def _address(self, name: str) -> str:
        """Return what links call a plate: ``week``, unless an exercise is called so."""
        plain = name.removeprefix("_")
        return name if plain in self._slugs else plain

    def _starts_right(self, name: str) -> bool:
        return not self._folded and name not in _ANY_SIDE

    def _key(self, name: str, reader: Reader) -> Key:
        """Return all that a reader's plate of this name depends on, within one order."""
        heeded: object = reader.advice.get(name, ())
        if name in {_SAFETY, _CARDS}:
            heeded = tuple(reader.advice.items())
        return (self._look, name, heeded)

    def _press(self, dress: Callable[[], Markup]) -> Pressed:
        return press_markup(dress(), self._desk.place())

    @cached_property
    def _dresser(self) -> Dresser:
        return self._desk.make_dresser(self._look, halves=self._folded)

    @cached_property
    def _pages(self) -> BookletDresser:
        return BookletDresser(self._dresser, self._desk.booklet)

    @cached_property
    def _titles(self) -> dict[str, str]:
        """What the contents call each plate."""
        own = {f"_{name}": title for name, title in self._pages.titles.items()}
        return own | {exercise.slug: exercise.name for exercise in self._desk.booklet.exercises}

    @property
    def _slugs(self) -> list[str]:
        return [exercise.slug for exercise in self._desk.booklet.exercises]

    @property
    def _folded(self) -> bool:
        return self._desk.order.layout is Layout.FOLDED


def fill_booklet(master: Master, name: str | None, password: str | None) -> bytes:
    """Return the booklet of a client, or of nobody, locked if there is a password.

    Raises:
        HandoutError: ``missing-glyph`` or ``bad-password``.
    """
    return b"".join(fill_parts(master, name, password))


def fill_parts(master: Master, name: str | None, password: str | None) -> tuple[bytes, ...]:
    """Return the same in parts: the master's own bytes come first, unless there is a password.

    Raises:
        HandoutError: ``missing-glyph`` or ``bad-password``.
    """
    parts = fill_master(master, name or "", set_lines)
    try:
        return parts if password is None else (protect_pdf(b"".join(parts), password),)
    except ValueError as error:
        raise HandoutError.of(
            "bad-password", f"--password: {error}", hint="take letters, digits and signs"
        ) from None


def _archive(pdf: bytes) -> bytes:
    try:
        return archive_pdf(pdf)
    except ValueError as error:
        raise HandoutError.of(
            "cannot-archive", f"--archive: {error}", hint="leave --archive out, or what it names"
        ) from None
