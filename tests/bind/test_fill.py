"""A copy is the master's own bytes and a few behind them, whatever was filled in before."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pikepdf
import pytest

from handouts.bind import fill
from handouts.bind.fill import fill_master
from handouts.bind.join import bind_plates
from handouts.bind.master import Foot, Master, Room, make_master, open_places
from handouts.bind.part import Part
from handouts.model.markup import ImprintStyle
from handouts.press.line import set_lines
from handouts.problem import HandoutError
from tests.bind.conftest import FONT

if TYPE_CHECKING:
    from collections.abc import Callable

    from handouts.press.plate import Plate

COVER = """\
<h1>Hips</h1>
<table><tr><th scope="row">For</th><td id="place-client">M</td></tr></table>"""
ORDINAL = "N\u00ba 1"
"""In the font, and of a script without capitals: set by a press if there is one."""
NAMES = ("Sam Green", "Zo\u00eb", "\u674e\u660e", "\u0645\u062d\u0645\u062f", ORDINAL, "", "A" * 90)


@pytest.fixture(scope="module", params=[False, True], ids=["from left", "from right"])
def master(request: pytest.FixtureRequest, small: Callable[..., Plate]) -> Master:
    """Return the master of a cover and a page."""
    words = "%(number)s/%(total)s", "For %(name)s"
    style = ImprintStyle(FONT, "#16191c", 12, 20, 12, *words, right_to_left=request.param)
    foot, rooms = Foot("Hips", "Ann", style), list[Room]()
    cover = small(COVER, "Cover")
    pdf = bind_plates(
        [Part(cover, "cover"), Part(small("<h1>Log</h1>", "Log"), "log")],
        "Hips",
        "en",
        "Ann",
        finish=lambda document: rooms.append(
            open_places(document, foot, cover.spots["client"], set_lines)
        ),
    )
    return make_master(pdf, "Hips", foot, rooms[0])


def fill_new(master: Master, name: str, *, alone: bool = False) -> bytes | str:
    """Return the copy, or what stops it, as one who remembers nothing makes it."""
    fill._recall.cache_clear()  # noqa: SLF001
    fill._clean_shared.cache_clear()  # noqa: SLF001
    return fill_again(master, name, alone=alone)


def fill_again(master: Master, name: str, *, alone: bool = False) -> bytes | str:
    """Return the same, from one who has made others before."""
    try:
        return b"".join(fill_master(master, name, None if alone else set_lines))
    except HandoutError as error:
        return str(error)


def test_the_masters_bytes_are_not_copied(master: Master) -> None:
    first, rest = fill_master(master, "Sam Green", set_lines)
    assert first is master.pdf
    assert len(rest) < 3000
    with pikepdf.open(io.BytesIO(first + rest)) as document:
        assert str(document.docinfo.Title) == "Hips – Sam Green"
        assert len(document.pages) == 2


def test_what_was_made_before_changes_nothing(master: Master) -> None:
    orders = [(name, alone) for name in NAMES for alone in (False, True)]
    fresh = {each: fill_new(master, each[0], alone=each[1]) for each in orders}
    assert len(set(fresh.values())) >= len(NAMES)
    assert fresh[ORDINAL, True] != fresh[ORDINAL, False]
    for each in [*orders, *reversed(orders)]:
        assert fill_again(master, each[0], alone=each[1]) == fresh[each]


def test_what_is_remembered_is_bounded(master: Master) -> None:
    fresh = fill_new(master, "Sam Green")
    for number in range(200):
        fill_again(master, f"Client {number}")
    _, widths = fill._recall(master.foot.style, can_set=True)  # noqa: SLF001
    assert 0 < len(widths) <= 64
    assert fill_again(master, "Sam Green") == fresh
