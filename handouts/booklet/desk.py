"""Turn an order for booklets into all that they are made from: read, checked and screened."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from handouts.consultation import consult, open_programme
from handouts.model.booklet import make_booklet
from handouts.model.programme import Order as Sequence
from handouts.model.settings import Size, Trainer
from handouts.order import Layout, Look, Order
from handouts.pipeline import choose_settings, read_pictures
from handouts.problem import Place, Problem, Report
from handouts.screening import explain_blocks
from handouts.source.programme import read_programme
from handouts.source.roster import find_roster
from handouts.source.suggest import did_you_mean, shorten
from handouts.source.workspace import show_path
from handouts.theme.advice import say_advice
from handouts.theme.handout import Dresser
from handouts.theme.styles import encode_data_address
from handouts.theme.words import read_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from handouts.model.base import Slug
    from handouts.model.booklet import Booklet
    from handouts.model.change import Change
    from handouts.model.client import Client
    from handouts.model.settings import Settings
    from handouts.order import BookletOrder
    from handouts.screening import Screened
    from handouts.source.picture import PictureData
    from handouts.source.programme import Planned
    from handouts.source.vocabulary import Vocabulary
    from handouts.theme.advice import Advice
    from handouts.theme.words import Words

_MOST_NAMED = 10


@dataclass(frozen=True, slots=True)
class Reader:
    """Whom a booklet is for, and what that client has to heed."""

    client: Client | None
    """None for a booklet that has a line to write the name on."""
    advice: dict[Slug, tuple[Advice, ...]]
    """By the exercise's slug; exercises without any are missing."""
    changes: tuple[str, ...] = ()
    """What has changed since the last version, a sentence each."""

    @property
    def name(self) -> str | None:
        """The name as it is printed."""
        return self.client.name if self.client else None

    def heeds(self) -> tuple[object, ...]:
        """Return what sets this booklet apart from others of one look, but for the name."""
        return tuple(self.advice.items()), self.changes

    @property
    def id(self) -> str | None:
        """What names the client's files."""
        return self.client.id if self.client else None


@dataclass(frozen=True)
class Desk:
    """Everything that an order's booklets are made from."""

    order: BookletOrder
    planned: Planned
    booklet: Booklet
    vocabulary: Vocabulary
    pictures: dict[str, PictureData]
    readers: tuple[Reader, ...]
    """Those who may have one: nobody among them must avoid any of the exercises."""
    stopped: dict[str, tuple[Problem, ...]]
    """What keeps others of the list from theirs, by the client's id."""

    def find_look(self, reader: Reader) -> Look:
        """Return how a reader's pages look: the flags first, then what the client needs."""
        client = reader.client
        needs = Look(paper=client.paper, size=client.size) if client else Look()
        look = replace(needs, **self.order.look.chosen())
        # Shown at two thirds, the large print's 18 pt are the 12 pt of clear print.
        return replace(look, size="large") if self.order.layout is Layout.FOLDED else look

    def make_dresser(self, look: Look, *, halves: bool = False) -> Dresser:
        """Return what turns the exercises into markup in one look."""
        order = self._order(look)
        pictures = {
            name: encode_data_address(picture.mime, picture.data)
            for name, picture in self.pictures.items()
        }
        settings = choose_settings(order, Report())  # whatever is wrong was said before
        return Dresser(self.vocabulary, settings, order.chain, pictures, halves)

    def place(self, slug: Slug | None = None) -> Place:
        """Return the file of an exercise, or of the programme, for problems."""
        workspace = self.order.workspace
        file = (
            workspace.exercise_file(slug)
            if slug
            else workspace.programme_file(self.order.programme)
        )
        return Place(show_path(file))

    def _order(self, look: Look) -> Order:
        return Order(self.order.workspace, {}, look)


def open_desk(order: BookletOrder, report: Report) -> Desk:
    """Return all that the order's booklets are made from.

    What stops one client's booklet and not the others' goes into the report.

    Raises:
        HandoutError: with every problem of every input, before anything is laid out.
    """
    found = Report()
    settings, pictures = _read_settings(order, found)
    if order.chosen or order.everyone:
        consulted = consult(
            order.workspace,
            order.programme,
            order.clients,
            found,
            keep_going=order.keep_going,
        )
        report.extend(consulted.faults)
        planned, vocabulary = consulted.planned, consulted.vocabulary
        cells = _choose_cells(order, consulted.clients, consulted.cells, found)
    else:
        planned, vocabulary = open_programme(order.workspace, order.programme, found)
        cells = {}
    handouts = Order(
        order.workspace,
        {slug: order.workspace.exercise_file(slug) for slug in planned.exercises},
        order.look,
    )
    words = read_words(handouts.chain, planned.programme.language)
    unseen = settings.model_copy(update={"trainer": Trainer()})  # the logo was read before
    pictures |= read_pictures(handouts, unseen, planned.exercises, found)
    changes = _read_changes(order, planned, vocabulary, found) if order.since else ()
    report.extend(found.warnings)
    found.raise_errors()
    sequence = Sequence(order.sequence) if order.sequence else None
    booklet = make_booklet(planned.programme, planned.exercises, sequence, order.start)
    stopped = _find_misfits(order, cells)
    readers = tuple(_screen(cells, planned, vocabulary, words, report, stopped=stopped))
    if not (order.chosen or order.everyone):
        readers = (Reader(None, {}),)
    if changes:
        readers = tuple(_tell_changes(readers, changes, words))
    return Desk(order, planned, booklet, vocabulary, pictures, readers, stopped)


def _read_settings(order: BookletOrder, report: Report) -> tuple[Settings, dict[str, PictureData]]:
    """Return the settings and the logo: what is wrong with them is said whatever else is."""
    nothing = Order(order.workspace, {}, order.look)
    settings = choose_settings(nothing, report)
    return settings, read_pictures(nothing, settings, {}, report)


def _choose_cells(
    order: BookletOrder,
    clients: tuple[Client, ...],
    cells: tuple[Screened, ...],
    report: Report,
) -> dict[str, list[Screened]]:
    """Return the row of the matrix of each client who is to have a booklet."""
    ids = [client.id for client in clients]
    known_ids = set(ids)
    place = Place(order.clients or show_path(find_roster(order.workspace)))
    for wanted in order.chosen:
        if wanted not in known_ids:
            known = ", ".join(ids[:_MOST_NAMED]) + (", …" if len(ids) > _MOST_NAMED else "")
            report.add(
                "unknown-client",
                f'there is no client "{shorten(wanted)}" in the list',
                place,
                hint=did_you_mean(wanted, ids) or f"known here: {known}",
            )
    others = [c.id for c in clients if c.programme and c.programme != order.programme]
    chosen = dict.fromkeys(order.chosen)
    if order.everyone:
        elsewhere = set(others)
        chosen = dict.fromkeys(client for client in ids if client not in elsewhere)
        if others:
            shown = ", ".join(others[:_MOST_NAMED]) + (", …" if len(others) > _MOST_NAMED else "")
            report.warn(
                "other-programme",
                f"{len(others)} of the list have another programme: {shown}",
                place,
                hint="--client makes this one for them as well",
            )
        if not chosen:
            report.add(
                "no-clients",
                f"nobody in the list has the programme {order.programme}",
                place,
                hint="write it under programme in the list, or name them with --client",
            )
    rows: dict[str, list[Screened]] = {client: [] for client in chosen}
    for cell in cells:
        if cell.client.id in rows:
            rows[cell.client.id].append(cell)
    return rows


def _find_misfits(
    order: BookletOrder, rows: Mapping[str, list[Screened]]
) -> dict[str, tuple[Problem, ...]]:
    """Return who needs larger print than the layout has."""
    if order.layout is not Layout.FOLDED:
        return {}
    return {
        client: (
            Problem(
                "half-page-large",
                f"{client} needs large print; half a page has 12 pt at most",
                hint="print --layout pages for this client",
            ),
        )
        for client, cells in rows.items()
        if cells and cells[0].client.size is Size.LARGE
    }


def _screen(  # noqa: PLR0913  what one is screened with
    rows: Mapping[str, list[Screened]],
    planned: Planned,
    vocabulary: Vocabulary,
    words: Words,
    report: Report,
    *,
    stopped: dict[str, tuple[Problem, ...]],
) -> Iterator[Reader]:
    """Yield everyone who may have a booklet; the others are added to those who are stopped."""
    conditions = vocabulary.conditions
    for name, cells in rows.items():
        if blocks := tuple(explain_blocks(cells, conditions)):
            stopped[name] = (*stopped.get(name, ()), *blocks)
        if name in stopped or not cells:
            continue
        client = cells[0].client
        language = planned.programme.language
        if client.language and client.language.partition("-")[0] != language.partition("-")[0]:
            report.warn(
                "other-language",
                f"{client.id} reads {client.language}; the programme is in {language}",
                hint=f"write a programme in {client.language}, or change the list",
            )
        advice = {
            cell.exercise.slug: say_advice(cell.findings, conditions, words)
            for cell in cells
            if cell.findings
        }
        yield Reader(client, advice)


def _tell_changes(
    readers: Iterable[Reader], changes: tuple[Change, ...], words: Words
) -> Iterator[Reader]:
    """Yield each reader with what has changed for that one."""
    from handouts.theme.changes import say_changes

    for reader in readers:
        yield replace(reader, changes=tuple(say_changes(changes, words, reader.id)))


def _read_changes(
    order: BookletOrder, planned: Planned, vocabulary: Vocabulary, report: Report
) -> tuple[Change, ...]:
    """Return what has changed since the version that ``--since`` names."""
    from handouts.revision import compare_programmes

    file = Path(order.since or "")
    earlier = Report()
    before = read_programme(file, order.since or "", order.workspace, vocabulary, earlier)
    # That it was long, or short of a rule, is no news.
    report.extend(earlier.errors)
    if before is None:
        return ()
    return compare_programmes(
        before.programme, planned.programme, before.exercises, planned.exercises
    )
