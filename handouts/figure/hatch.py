"""Turn outlines into the line work that fills them: stripes or dots, of one grid for all.

A pattern of SVG would need an id that is unique in the document, and a clip path; lines that end
where the outline does need neither, and print the same everywhere.
"""

from __future__ import annotations

from math import floor
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from handouts.figure.regions import Ring


def trace_ring(ring: Ring) -> str:
    """Return a closed outline as path data, in steps from point to point."""
    (x, y), *rest = ring
    path = [f"M{x} {y}l"]
    gap = ""
    for ahead, down in rest:
        step = f"{ahead - x}" + (f" {down - y}" if down >= y else f"{down - y}")
        path.append(step if step.startswith("-") else gap + step)
        gap, x, y = " ", ahead, down
    return "".join(path) + "z"


def trace_stripes(rings: Iterable[Ring], pitch: float, longer: float = 0.0) -> str:
    """Return stripes that rise to the right, their middles ``pitch`` apart, as path data.

    They end ``longer`` beyond the outline.
    """
    path = []
    step = pitch * 2**0.5
    for ring in rings:
        # Along a stripe x + y is the same: it is the row; x tells where on the stripe.
        for total, first, last in scan_rows([(x, x + y) for x, y in ring], step):
            span = round(last - first + longer * 2**0.5)
            begin = first - longer / 2**0.5
            if span > 0:
                path.append(f"M{round(begin)} {round(total - begin)}l{span}-{span}")
    return "".join(path)


def trace_dots(rings: Iterable[Ring], pitch: float, radius: float) -> str:
    """Return dots as path data, for a line as wide as a dot with round ends.

    Every second row is shifted by half a step. Where a part is narrower than a dot's step, the dot
    of the row stands in its middle.
    """
    path = []
    rows = pitch * 0.866  # the height of a triangle of even sides
    for ring in rings:
        for y, first, last in scan_rows(ring, rows):
            shift = pitch / 2 if round(y / rows) % 2 else 0.0
            begin, end = first + radius, last - radius
            number = floor((begin - shift) / pitch) + 1
            places = []
            while number * pitch + shift <= end:
                places.append(number * pitch + shift)
                number += 1
            if not places and last - first > radius:
                places.append((first + last) / 2)
            path += [f"M{round(x)} {round(y)}h.1" for x in places]
    return "".join(path)


def scan_rows(
    ring: Iterable[tuple[float, float]], step: float
) -> Iterator[tuple[float, float, float]]:
    """Yield where rows at multiples of ``step`` lie inside: the row's y, first x, last x."""
    points = list(ring)
    crossings: dict[int, list[float]] = {}
    for (ax, ay), (bx, by) in zip(points, points[1:] + points[:1], strict=True):
        low, high = min(ay, by), max(ay, by)
        # A row is crossed by an edge that holds its y, without the edge's upper end.
        number = -floor(-low / step)
        while number * step < high:
            share = (number * step - ay) / (by - ay)
            crossings.setdefault(number, []).append(ax + share * (bx - ax))
            number += 1
    for number in sorted(crossings):
        row = sorted(crossings[number])
        for first, last in zip(row[::2], row[1::2], strict=True):
            yield number * step, first, last
