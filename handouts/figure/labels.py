"""Turn names and the points that they belong to into labels in columns, without overlap."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from itertools import combinations
from math import hypot
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

LEADING = 1.2
"""From line to line, in font sizes."""
_GAP = 0.75
"""Between two labels, in font sizes."""
# Advances of Atkinson Hyperlegible Next Bold, in font sizes.
_NARROW = frozenset("iljtfrI.,:;'’()[]-|/ ")
_WIDE = frozenset("mwMWOQG@%—…")


@dataclass(frozen=True, slots=True)
class Label:
    """Words beside the map, and the point that their line leads to. Lengths in millimetres."""

    key: str
    lines: tuple[str, ...]
    target: tuple[float, float]
    right: bool
    """In the column on the right."""
    y: float = 0.0
    """The label's middle."""

    def height(self, size: float) -> float:
        """Return how high the label is, for letters of a size in millimetres."""
        return len(self.lines) * size * LEADING


def measure_text(text: str, size: float) -> float:
    """Return about how wide a text runs, rather too wide: no font is opened for it."""
    wide = 0.0
    for letter in text:
        if unicodedata.combining(letter):
            continue
        if unicodedata.east_asian_width(letter) in "WF":
            wide += 1.0
        elif letter in _NARROW:
            wide += 0.38
        elif letter in _WIDE or letter.isupper():
            wide += 0.92 if letter in _WIDE else 0.7
        else:
            wide += 0.62
    return wide * size


def wrap_text(text: str, width: float, size: float) -> tuple[str, ...]:
    """Return the text in lines that fit; a word that is longer than a line stays whole."""
    lines = [""]
    for word in text.split():
        tried = f"{lines[-1]} {word}".strip()
        if lines[-1] and measure_text(tried, size) > width:
            lines.append(word)
        else:
            lines[-1] = tried
    return tuple(lines)


def stack_height(labels: Iterable[Label], size: float) -> float:
    """Return how high a column of labels is at least."""
    heights = [label.height(size) for label in labels]
    return sum(heights) + _GAP * size * max(0, len(heights) - 1)


def place_labels(labels: list[Label], port: float, size: float, high: float) -> list[Label]:
    """Return one column's labels with their places, so that no two of their lines cross.

    Args:
        labels: the labels of a column, all on one side.
        port: x where all the lines begin.
        size: of the letters.
        high: of the column.
    """
    order = sorted(labels, key=lambda label: (label.target[1], label.key))
    placed = _stack(order, size, high)
    for _ in range(len(labels) ** 2 + 1):
        crossed = _find_crossing(placed, port)
        if crossed is None:
            return placed
        one, other = crossed
        order[one], order[other] = order[other], order[one]
        placed = _stack(order, size, high)
    # A swap moves labels of other heights too, and may cross them: then a stack without gaps.
    placed = _wind(order, port, size, high)
    return placed if _find_crossing(placed, port) is None else _shorten(placed, port, size, high)


def _wind(labels: list[Label], port: float, size: float, high: float) -> list[Label]:
    """Return the labels in a tight stack, from the top the one whose line has all others below."""
    middle = sum(label.target[1] for label in labels) / len(labels)
    tall = stack_height(labels, size)
    y = min(max(0.0, middle - tall / 2), max(0.0, high - tall))
    left, placed = list(labels), list[Label]()
    while left:
        best = min(left, key=lambda label: _count_above(label, left, (port, y), size))
        left.remove(best)
        placed.append(replace(best, y=y + best.height(size) / 2))
        y += best.height(size) + _GAP * size
    return placed


def _shorten(labels: list[Label], port: float, size: float, high: float) -> list[Label]:
    """Return the labels in the best order that swaps of two can reach: no crossing, short lines."""
    placed, best = labels, _rank(labels, port)
    for one, other in list(combinations(range(len(labels)), 2)) * len(labels):
        order = list(placed)
        order[one], order[other] = order[other], order[one]
        tried = _stack(order, size, high)
        rank = _rank(tried, port)
        if rank < best:
            placed, best = tried, rank
    return placed


def _rank(placed: list[Label], port: float) -> tuple[int, float]:
    """Return how many lines cross, and how long all are together."""
    crossings = sum(
        lines_cross((port, one.y), one.target, (port, other.y), other.target)
        for one, other in combinations(placed, 2)
    )
    return crossings, sum(hypot(port - at.target[0], at.y - at.target[1]) for at in placed)


def _count_above(
    label: Label, others: list[Label], corner: tuple[float, float], size: float
) -> tuple[int, float]:
    """Return how many points lie over the line of a label whose top is at the corner."""
    port, y = corner[0], corner[1] + label.height(size) / 2
    run = port - label.target[0]
    rise = (label.target[1] - y) / run
    over = [
        other
        for other in others
        if other is not label and other.target[1] < y + rise * (port - other.target[0])
    ]
    return len(over), label.target[1]


def _stack(order: list[Label], size: float, high: float) -> list[Label]:
    """Return the labels in their order, each as near to its target's height as there is room."""
    heights = [label.height(size) for label in order]
    gap = _GAP * size
    # Groups of labels that touch: [first index, count, sum of wished tops, height].
    groups: list[tuple[float, list[int]]] = []
    for index, label in enumerate(order):
        groups.append((label.target[1] - heights[index] / 2, [index]))
        while True:
            top, members = groups[-1]
            length = sum(heights[n] + gap for n in members) - gap
            top = min(max(top, 0.0), max(0.0, high - length))
            groups[-1] = (top, members)
            if len(groups) == 1:
                break
            above, others = groups[-2]
            tall = sum(heights[n] + gap for n in others)
            if above + tall <= top:
                break
            merged = (above * len(others) + (top - tall) * len(members)) / (
                len(others) + len(members)
            )
            groups[-2:] = [(merged, others + members)]
    placed = []
    for top, members in groups:
        y = top
        for index in members:
            placed.append(replace(order[index], y=y + heights[index] / 2))
            y += heights[index] + gap
    return placed


def _find_crossing(placed: list[Label], port: float) -> tuple[int, int] | None:
    for one, first in enumerate(placed):
        for other in range(one + 1, len(placed)):
            second = placed[other]
            if lines_cross((port, first.y), first.target, (port, second.y), second.target):
                return one, other
    return None


def lines_cross(
    one: tuple[float, float],
    end: tuple[float, float],
    other: tuple[float, float],
    last: tuple[float, float],
) -> bool:
    """Return whether two straight lines have a point in common."""

    def side(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> float:
        return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])

    return (
        side(one, end, other) * side(one, end, last) <= 0
        and side(other, last, one) * side(other, last, end) <= 0
    )
