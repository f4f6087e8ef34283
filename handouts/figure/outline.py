"""Turn circles and spines into smooth outlines: the path data of SVG."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import acos, atan2, ceil, cos, hypot, pi, sin, tan
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from handouts.figure.space import Flat

UNIT = 2.0
"""Thousandths of the body's height in one step of the drawing: 0.07 mm where a body is 34 mm."""
_ROUND = [(cos(step * pi / 12), sin(step * pi / 12)) for step in range(24)]
Circle = tuple[float, float, float]
"""x, y and radius."""
# Radians: a curve follows an arc so wide to a thousandth of its radius; a full turn is none.
_WIDEST, _WHOLE = 1.9, 6.1


@dataclass(frozen=True, slots=True)
class Box:
    """What a drawing covers."""

    left: float
    top: float
    right: float
    bottom: float

    def around(self, other: Box) -> Box:
        """Return the box around both."""
        return Box(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )

    def meets(self, other: Box) -> bool:
        """Return whether the two overlap."""
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )

    def grown(self, by: float) -> Box:
        """Return the box with a margin."""
        return Box(self.left - by, self.top - by, self.right + by, self.bottom + by)


def box_of(circles: Iterable[Circle]) -> Box:
    """Return the box around circles."""
    every = list(circles)
    return Box(
        min(x - r for x, _, r in every),
        min(y - r for _, y, r in every),
        max(x + r for x, _, r in every),
        max(y + r for _, y, r in every),
    )


def trace_ball(circle: Circle) -> str:
    """Return a circle."""
    x, y, r = circle
    pen = _Pen((x - r, y))
    pen.arc(circle, (x + r, y))
    pen.arc(circle, (x - r, y))
    return f"{pen.path}z"


def trace_limb(circles: Sequence[Circle]) -> str:
    """Return one smooth outline round circles joined by their outer tangents.

    Outside a bend the outline follows the joint's circle; inside, the two tangents meet.
    """
    chain = _drop_swallowed(circles)
    if len(chain) == 1:
        return trace_ball(chain[0])
    there = [_tangent(a, b) for a, b in pairwise(chain)]
    back = [_tangent(b, a) for a, b in pairwise(chain)][::-1]
    pen = _Pen(there[0][0])
    _trace_side(pen, there, chain[1:-1])
    pen.arc(chain[-1], back[0][0])
    _trace_side(pen, back, chain[-2:0:-1])
    pen.arc(chain[0], there[0][0])
    return f"{pen.path}z"


def trace_smooth(points: Sequence[Flat], *, closed: bool = True) -> str:
    """Return a smooth line through the points (Catmull-Rom as cubic Béziers)."""
    count = len(points)
    pen = _Pen(points[0])
    for index in range(count if closed else count - 1):
        p0, p1, p2, p3 = (
            points[(index + k) % count] if closed else points[min(max(index + k, 0), count - 1)]
            for k in (-1, 0, 1, 2)
        )
        first = (p1[0] + (p2[0] - p0[0]) / 6, p1[1] + (p2[1] - p0[1]) / 6)
        second = (p2[0] - (p3[0] - p1[0]) / 6, p2[1] - (p3[1] - p1[1]) / 6)
        pen.curve(first, second, p2)
    return pen.path + ("z" if closed else "")


def trace_hull(circles: Sequence[Circle]) -> str:
    """Return the outline of a thread pulled round circles: a foot, a hand, a head."""
    samples = {
        (x + r * across, y + r * down): number
        for number, (x, y, r) in enumerate(circles)
        for across, down in _ROUND
    }
    hull = _wrap(sorted(samples))
    # Begin where the thread comes from another circle, so that no arc is cut in two.
    owners = [samples[point] for point in hull]
    first = next((n for n in range(len(hull)) if owners[n] != owners[n - 1]), 0)
    hull, owners = hull[first:] + hull[:first], owners[first:] + owners[:first]
    pen = _Pen(hull[0])
    for number in range(1, len(hull)):
        stays = owners[number] == owners[number - 1]
        ends = number + 1 == len(hull) or owners[number + 1] != owners[number]
        if stays and not ends and number % 8:
            continue
        if stays:
            pen.arc(circles[owners[number]], hull[number])
        else:
            pen.line(hull[number])
    return f"{pen.path}z"


def trace_line(points: Sequence[Flat]) -> str:
    """Return a polyline."""
    pen = _Pen(points[0])
    for point in points[1:]:
        pen.line(point)
    return pen.path


class _Pen:
    """Writes path data in whole units, each step relative to where the rounded last one ended."""

    def __init__(self, start: Flat) -> None:
        self.x, self.y = round(start[0] / UNIT), round(start[1] / UNIT)
        self.path = f"M{self.x} {self.y}"

    def line(self, to: Flat) -> None:
        across, down = round(to[0] / UNIT) - self.x, round(to[1] / UNIT) - self.y
        if across or down:
            self._write(f"l{across} {down}", across, down)

    def curve(self, first: Flat, second: Flat, to: Flat) -> None:
        x, y = self.x, self.y
        # Written out: a picture has hundreds of curves.
        a, b = round(first[0] / UNIT) - x, round(first[1] / UNIT) - y
        c, d = round(second[0] / UNIT) - x, round(second[1] / UNIT) - y
        across, down = round(to[0] / UNIT) - x, round(to[1] / UNIT) - y
        if a or b or c or d or across or down:
            self._write(f"c{a} {b} {c} {d} {across} {down}", across, down)

    def arc(self, circle: Circle, to: Flat) -> None:
        """Go clockwise along the circle, as curves: WeasyPrint draws them faster than arcs."""
        x, y, r = circle
        begin = atan2(self.y * UNIT - y, self.x * UNIT - x)
        sweep = (atan2(to[1] - y, to[0] - x) - begin) % (2 * pi)
        if sweep > _WHOLE:
            # Rounding put the end a hair before the beginning.
            return
        pieces = ceil(sweep / _WIDEST)
        step = sweep / max(pieces, 1)
        reach = r * 4 / 3 * tan(step / 4)
        c, s = cos(begin), sin(begin)
        for piece in range(1, pieces + 1):
            first = (x + r * c - reach * s, y + r * s + reach * c)
            there = begin + piece * step
            c, s = cos(there), sin(there)
            end = to if piece == pieces else (x + r * c, y + r * s)
            self.curve(first, (end[0] + reach * s, end[1] - reach * c), end)

    def _write(self, step: str, across: int, down: int) -> None:
        self.path += step.replace(" -", "-")
        self.x, self.y = self.x + across, self.y + down


def _drop_swallowed(circles: Sequence[Circle]) -> list[Circle]:
    """Return the circles without those that lie inside a neighbour: seen from their end."""
    chain: list[Circle] = []
    for circle in circles:
        while chain and _swallows(circle, chain[-1]):
            chain.pop()
        if not chain or not _swallows(chain[-1], circle):
            chain.append(circle)
    return chain


def _swallows(a: Circle, b: Circle) -> bool:
    return hypot(b[0] - a[0], b[1] - a[1]) <= a[2] - b[2] + 1


def _tangent(a: Circle, b: Circle) -> tuple[Flat, Flat]:
    """Return the ends of the outer tangent on the left of the way from a to b, as SVG sees it."""
    way = atan2(b[1] - a[1], b[0] - a[0])
    open_ = acos(max(-1.0, min(1.0, (a[2] - b[2]) / hypot(b[0] - a[0], b[1] - a[1]))))
    c, s = cos(way - open_), sin(way - open_)
    return (a[0] + a[2] * c, a[1] + a[2] * s), (b[0] + b[2] * c, b[1] + b[2] * s)


def _trace_side(pen: _Pen, tangents: list[tuple[Flat, Flat]], joints: Sequence[Circle]) -> None:
    number, last = 0, len(tangents) - 1
    while number < last:
        first = tangents[number]
        # In the crook of a bend the flesh overlaps: go on from the farthest crossing.
        for other in range(last, number, -1):
            crossing = _crossing(*first, *tangents[other])
            if crossing:
                pen.line(crossing)
                number = other
                break
        else:
            second = tangents[number + 1]
            pen.line(first[1])
            if _turn(*first, *second) > 0:
                pen.arc(joints[number], second[0])
            else:
                pen.line(second[0])
            number += 1
    pen.line(tangents[-1][1])


def _turn(a: Flat, b: Flat, c: Flat, d: Flat) -> float:
    return (b[0] - a[0]) * (d[1] - c[1]) - (b[1] - a[1]) * (d[0] - c[0])


def _crossing(a: Flat, b: Flat, c: Flat, d: Flat) -> Flat | None:
    """Return where the segments ab and cd cross, if they do."""
    across = _turn(a, b, c, d)
    if abs(across) < 1e-9:  # noqa: PLR2004  parallel
        return None
    t = ((c[0] - a[0]) * (d[1] - c[1]) - (c[1] - a[1]) * (d[0] - c[0])) / across
    u = ((c[0] - a[0]) * (b[1] - a[1]) - (c[1] - a[1]) * (b[0] - a[0])) / across
    if 0 <= t <= 1 and 0 <= u <= 1:
        return (a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1]))
    return None


def _wrap(points: list[Flat]) -> list[Flat]:
    """Return the convex hull of sorted points (Andrew's monotone chain)."""

    def half(ordered: Iterable[Flat]) -> list[Flat]:
        # Of three in a row that turn the wrong way the middle one goes: a, b, and the next.
        hull: list[Flat] = []
        size = 0
        ax = ay = bx = by = 0.0
        for point in ordered:
            x, y = point
            while size > 1 and (bx - ax) * (y - ay) - (by - ay) * (x - ax) <= 0:
                hull.pop()
                size -= 1
                bx, by = ax, ay
                if size > 1:
                    ax, ay = hull[size - 2]
            hull.append(point)
            size += 1
            ax, ay, bx, by = bx, by, x, y
        return hull[:-1]

    return half(points) + half(reversed(points))
