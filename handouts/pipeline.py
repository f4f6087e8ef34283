"""Turn an order for handouts into finished PDFs: the hops in order, and nothing else."""

from __future__ import annotations

import logging
import time
from contextlib import closing, contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from handouts.bind.shelf import Shelved, find_shelved, shelve
from handouts.crew import share_out
from handouts.problem import ExitCode, HandoutError, Place, Report

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from handouts.model.dose import Dose
    from handouts.model.exercise import Exercise
    from handouts.model.markup import Markup
    from handouts.model.settings import Settings
    from handouts.order import Order
    from handouts.source.library import Vocabulary
    from handouts.source.picture import PictureData

logger = logging.getLogger("handouts")


@dataclass(frozen=True)
class Desk:
    """Everything that an order's handouts are made from: read, checked and ready."""

    order: Order
    settings: Settings
    vocabulary: Vocabulary
    exercises: dict[str, Exercise]
    pictures: dict[str, PictureData]
    prescribed: Dose | None


@contextmanager
def log_hop(hop: str, what: str) -> Iterator[None]:
    """Log what a hop does, and how long it takes."""
    begin = time.perf_counter()
    yield
    logger.info("%-7s %s (%.0f ms)", hop, what, (time.perf_counter() - begin) * 1000)


def make_handouts(order: Order, report: Report) -> Iterator[tuple[str, Shelved]]:
    """Yield the handout of each exercise, from the shelf where nothing has changed since.

    What does not stop a handout goes into the report; so does what stops one and not the others.

    Raises:
        HandoutError: every problem of every input, before the first page is laid out; or
            ``engine-missing``.
    """
    keys = {slug: order.fingerprint(slug) for slug in order.files}
    shelved = {slug: find_shelved(key) for slug, key in keys.items()}
    missing = [slug for slug, found in shelved.items() if not found]
    if missing:
        desk = open_desk(order, missing, report)
        _warm_up(desk)
    # Closed in any case: a crew that nobody asks any more goes home.
    with closing(share_out(make_handout, desk if missing else None, missing)) as making:
        for slug, key in keys.items():
            handout = shelved[slug]
            if handout is None:
                _, finish = next(making)
                try:
                    handout = finish()
                except HandoutError as error:
                    report.extend(error.report)
                    if error.exit_code is ExitCode.ENGINE:
                        raise HandoutError(report, ExitCode.ENGINE) from None
                    continue
                shelve(key, handout, _picture_files(desk, slug))
            else:
                logger.info("shelf   %s (nothing has changed)", slug)
            report.extend(handout.problems)
            yield slug, handout


def _warm_up(desk: Desk) -> None:
    """Load once what every handout of the desk needs, before others take it over."""
    from handouts.press.plate import load_stylesheet
    from handouts.theme.styles import make_stylesheet

    if len(desk.exercises) > 1:
        for library in ("pikepdf", "pypdfium2", "reportlab.pdfgen.canvas"):
            import_module(library)
        load_stylesheet(make_stylesheet(desk.order.chain, desk.settings.print))


def open_desk(order: Order, slugs: list[str], report: Report) -> Desk:
    """Hop 1, source: read and check all that the named exercises are made from.

    Raises:
        HandoutError: with every problem of every input.
    """
    from handouts.source.dose import read_dose
    from handouts.source.library import read_exercise, read_vocabulary
    from handouts.source.workspace import show_path

    found = Report()
    with log_hop("source", f"{len(slugs)} exercises"):
        vocabulary = read_vocabulary(order.workspace, found)
        settings = choose_settings(order, found)
        prescribed = read_dose(order.prescribed) if order.prescribed is not None else None
        exercises = {}
        for slug in slugs:
            file = order.files[slug]
            exercise = read_exercise(file, show_path(file), vocabulary, found)
            if exercise:
                exercises[slug] = exercise
        pictures = read_pictures(order, settings, exercises, found)
    report.extend(found.warnings)
    found.raise_errors()
    return Desk(order, settings, vocabulary, exercises, pictures, prescribed)


def make_handout(desk: Desk, slug: str) -> Shelved:
    """Hops 2 to 4 for one exercise: theme, press, bind.

    Raises:
        HandoutError: what stops this handout.
    """
    from handouts.bind.imprint import imprint_foot
    from handouts.press.line import set_lines
    from handouts.press.plate import lay_out
    from handouts.source.workspace import show_path

    markup = dress(desk, slug)
    report = Report([*markup.problems])
    place = Place(show_path(desk.order.files[slug]))
    with log_hop("press", slug):
        plate = lay_out(markup, place, report)
    report.raise_errors()
    with log_hop("bind", f"{slug}, {plate.pages} pages"):
        style, client = markup.imprint, desk.order.client
        pdf = imprint_foot(plate.pdf, plate.title, style, client, set_lines=set_lines)
    return Shelved(pdf, plate.pages, tuple(report))


def dress(desk: Desk, slug: str) -> Markup:
    """Hop 2, theme: return the markup of one exercise's handout.

    Raises:
        HandoutError: a fault in a template, a style sheet or a catalogue.
    """
    from handouts.model.assignment import task_of_dose
    from handouts.theme.handout import Dresser
    from handouts.theme.styles import encode_data_address

    pictures = {
        name: encode_data_address(picture.mime, picture.data)
        for name, picture in desk.pictures.items()
    }
    with log_hop("theme", slug):
        dresser = Dresser(desk.vocabulary, desk.settings, desk.order.chain, pictures)
        tasks = [task_of_dose(desk.prescribed)] if desk.prescribed else []
        return dresser.dress_exercise(desk.exercises[slug], tasks)


def choose_settings(order: Order, report: Report) -> Settings:
    """Return the settings of all layers, with what the flags say over them."""
    from handouts.model.settings import PrintSettings, Settings
    from handouts.source.settings import gather_settings

    settings = gather_settings(order.workspace, report) or Settings()
    said = {**settings.print.model_dump(), **order.look.chosen()}
    return settings.model_copy(update={"print": PrintSettings.model_validate(said)})


def read_pictures(
    order: Order, settings: Settings, exercises: dict[str, Exercise], report: Report
) -> dict[str, PictureData]:
    """Return every picture that the exercises and the trainer name, checked."""
    from handouts.source.picture import read_picture
    from handouts.source.workspace import show_path

    wanted: dict[str, Place] = {}
    if settings.trainer.logo and order.workspace.settings_file:
        wanted[settings.trainer.logo] = Place(show_path(order.workspace.settings_file))
    for slug, exercise in exercises.items():
        place = Place(show_path(order.files[slug]))
        wanted.update(dict.fromkeys(exercise.picture_files(), place))
    read = {
        name: read_picture(name, order.workspace, place, report) for name, place in wanted.items()
    }
    return {name: picture for name, picture in read.items() if picture}


def _picture_files(desk: Desk, slug: str) -> list[Path]:
    root = desk.order.workspace.root
    names = [*desk.exercises[slug].picture_files(), desk.settings.trainer.logo]
    return [root / name for name in names if name and root]
