"""The plan of a document: every page of every plate, and a blank one only where it must be."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as some

from handouts.bind.part import Part, plan_pages
from handouts.press.plate import Plate


def part(pages: int, *, right: bool = False) -> Part:
    """Return a part of so many pages."""
    return Part(Plate("X", b"", pages), "x", start_right=right)


@given(some.lists(some.tuples(some.integers(1, 7), some.booleans()), max_size=12))
def test_every_page_has_its_place_and_no_blank_is_wasted(shapes: list[tuple[int, bool]]) -> None:
    plan = plan_pages([part(pages, right=right) for pages, right in shapes])
    assert [number for number in plan if number is not None] == [
        number for number, (pages, _) in enumerate(shapes) for _ in range(pages)
    ]
    for number, (_, right) in enumerate(shapes):
        first = plan.index(number)
        assert not right or first % 2 == 0
    for place, here in enumerate(plan):
        if here is None:  # it stands on a back, right before a part that begins on a front
            following = plan[place + 1]
            assert place % 2 == 1
            assert following is not None
            assert shapes[following][1]
            assert plan[place - 1] != following


def test_a_cover_and_two_exercises() -> None:
    parts = [part(1), part(2), part(2, right=True), part(1, right=True)]
    assert plan_pages(parts) == [0, 1, 1, None, 2, 2, 3]
