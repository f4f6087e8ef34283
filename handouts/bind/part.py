"""Turn plates into the plan of a document: which plate's pages stand where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from handouts.press.plate import Plate


@dataclass(frozen=True, slots=True)
class Part:
    """A plate's place in a document."""

    plate: Plate
    name: str
    """What links know it by: ``<a href="plate:squat">`` in any other plate leads to its first
    page, ``plate:squat#avoid`` to the element with that id. A slug, unique in the document."""
    title: str = ""
    """The words of its bookmark; the plate's own title if empty."""
    start_right: bool = False
    """Whether it begins on the front of a sheet that is printed double-sided."""


def plan_pages(parts: Sequence[Part]) -> list[int | None]:
    """Return for each page of the bound document the number of its part, None for a blank page.

    A blank page stands only before a part that starts on the right and would not: never at the
    end, and never two together.
    """
    plan: list[int | None] = []
    for number, part in enumerate(parts):
        if part.start_right and len(plan) % 2:
            plan.append(None)
        plan += [number] * part.plate.pages
    return plan
