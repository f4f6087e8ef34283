"""Turn markup into a plate: its pages laid out once, tagged, and proved to say what they must."""

from __future__ import annotations

import atexit
import gc
import os
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeAlias

from handouts.model.markup import SPARE_BEGIN, SPARE_END
from handouts.press.engine import load_engine
from handouts.press.fetch import make_fetcher, shorten_fonts
from handouts.press.log import collect_log
from handouts.press.proof import prove_box, prove_pages
from handouts.press.strokes import quicken_paths
from handouts.press.write import stop_clock, write_pages
from handouts.problem import HandoutError, Problem, Report

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import ModuleType

    from handouts.model.markup import Markup
    from handouts.problem import Place


Spot: TypeAlias = tuple[int, float, float, float, float]
"""A box on a page: the page's number from 0; left, top, right and bottom in CSS pixels."""
_PLACE = "place-"
_COLLECTED = 32
"""Pages whose remains may lie about: some 1.5 MB each."""
_remains = 0
"""Pages that were laid out since the last collection."""


@dataclass(frozen=True, slots=True)
class Plate:
    """The laid-out pages of one markup, without what is personal."""

    title: str
    pdf: bytes
    """Empty if the pages do not suit what they are wanted for: nobody has written them."""
    pages: int
    spots: Mapping[str, Spot] = field(default_factory=dict, hash=False)
    """Where the elements stand whose ids begin with ``place-``, by the rest of the id."""


def lay_out(
    markup: Markup, place: Place | None, report: Report, most_pages: int | None = None
) -> Plate:
    """Return the plate of a markup; what the engine and the proof find goes into the report.

    Args:
        markup: what is laid out.
        place: where problems are.
        report: gets them.
        most_pages: where there are more, or the who-should-avoid box is not on the front, that is
            all that is found: to write and to prove the pages is a third of the work.

    Raises:
        HandoutError: ``engine-missing``, or ``layout-failed`` or ``took-too-much`` where no page
            comes out at all.
    """
    engine = prepare_engine()
    collecting, pages = gc.isenabled(), 1
    gc.disable()
    try:
        style, complaints = load_stylesheet(markup.css)
        with collect_log(place) as said:
            document = engine.HTML(string=markup.html, url_fetcher=make_fetcher()).render(
                stylesheets=[style], font_config=_font_configuration(), pdf_variant="pdf/ua-1"
            )
            pages = len(document.pages)
            kept = _keep_pages(document.pages)
            if most_pages is not None:
                misfits = Report()
                prove_box([*map(_read_text, kept)], markup.phrases, place, misfits)
                report.extend(misfits)
                if misfits.errors or len(kept) > most_pages:
                    return Plate(markup.title, b"", len(kept))
            pdf = write_pages(document.copy(kept), pdf_variant="pdf/ua-1")
    except HandoutError:
        raise
    except Exception as error:  # noqa: BLE001  whatever a template makes the engine raise
        raise _say_failed(error, place) from None
    finally:
        _put_away(pages)
        if collecting:
            gc.enable()
    report.extend([*complaints, *said])
    prove_pages(pdf, markup.phrases, place, report)
    return Plate(markup.title, pdf, len(kept), _find_spots(kept))


def prepare_engine() -> ModuleType:
    """Return the engine with all that a layout needs, quicker than it comes.

    Raises:
        HandoutError: ``engine-missing``.
    """
    engine = load_engine()
    quicken_paths()
    import_module("pypdfium2")  # reads the proof
    return engine


def _put_away(pages: int) -> None:
    """Take what a layout leaves out of sight of the collector, which finds it after some more.

    A layout makes millions of small objects, few of them in circles: to look at all of them while
    it goes on, and again when it is done, costs 15 %.
    """
    global _remains  # noqa: PLW0603  the process's own
    _remains += pages
    if _remains >= _COLLECTED:
        _remains = 0
        gc.unfreeze()
        gc.collect()
    gc.freeze()


def _say_failed(error: Exception, place: Place | None) -> HandoutError:
    if isinstance(error, MemoryError):
        return HandoutError.of(
            "took-too-much",
            "laying out the pages takes more memory than there is",
            place,
            hint="make the templates and styles simpler: fewer nested boxes, no huge numbers",
        )
    return HandoutError.of(
        "layout-failed",
        f"the pages cannot be laid out ({type(error).__name__}: {error})",
        place,
        hint="make the templates and styles simpler: fewer nested boxes, no huge numbers",
    )


@lru_cache(maxsize=1)
def _font_configuration() -> Any:  # noqa: ANN401  untyped library
    # One for the process: without it each render keeps 0.28 MB (FACTS: 65 → 345 MB over 1,000).
    from weasyprint.text.fonts import FontConfiguration

    class Fonts(FontConfiguration):  # type: ignore[misc]
        """Fonts in a temporary folder, which only the process that made it deletes: no fork."""

        def __init__(self) -> None:
            self._owner = os.getpid()
            super().__init__()

        def __del__(self) -> None:
            if self._owner and self._owner == os.getpid():
                self._owner = 0  # asked twice, by us and by the end of all
                super().__del__()

    configuration = Fonts()
    # At exit the folder goes only if we ask before all is gone.
    atexit.register(configuration.__del__)
    return configuration


@lru_cache(maxsize=8)
def load_stylesheet(css: str) -> tuple[Any, list[Problem]]:
    """Return the style sheet as the engine reads it, and what it complains of.

    Raises:
        HandoutError: ``engine-missing``.
    """
    engine = prepare_engine()
    with collect_log(None) as complaints, stop_clock():
        style = engine.CSS(
            string=shorten_fonts(css),
            font_config=_font_configuration(),
            url_fetcher=make_fetcher(),
        )
    return style, complaints


def _keep_pages(pages: Sequence[Any]) -> list[Any]:
    """Drop the pages that hold nothing but spare matter: what does not fit is not printed."""
    begins = _find_marks(pages, SPARE_BEGIN)
    ends = _find_marks(pages, SPARE_END)
    dropped: set[int] = set()
    for name, begin in begins.items():
        dropped.update(range(begin + 1, ends.get(name, len(pages))))
    return [page for number, page in enumerate(pages) if number not in dropped]


def _read_text(page: Any) -> str:  # noqa: ANN401
    """Return the words of a page that is laid out."""
    boxes = page._page_box.descendants()  # noqa: SLF001  no other way before it is written
    return "".join(getattr(box, "text", "") for box in boxes)


def _find_spots(pages: Sequence[Any]) -> dict[str, Spot]:
    return {
        name.removeprefix(_PLACE): (number, *box)
        for number, page in enumerate(pages)
        for name, box in page.anchors.items()
        if name.startswith(_PLACE)
    }


def _find_marks(pages: Sequence[Any], prefix: str) -> dict[str, int]:
    """Return the page on which each mark first stands; a box over several has it on each."""
    marks: dict[str, int] = {}
    for number, page in enumerate(pages):
        for anchor in page.anchors:
            if anchor.startswith(prefix):
                marks.setdefault(anchor.removeprefix(prefix), number)
    return marks
