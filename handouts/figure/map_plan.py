"""Turn muscles and their names into a map's plan: what is painted how, where labels go."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from handouts.figure.hatch import scan_rows
from handouts.figure.labels import (
    LEADING,
    Label,
    measure_text,
    place_labels,
    stack_height,
    wrap_text,
)
from handouts.figure.regions import BACK, FRONT, GROUPS, HIGH, REGIONS, VIEWS, WIDE, load_body
from handouts.model.pose import Build

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from handouts.figure.regions import Ring


class Role(StrEnum):
    """What a muscle does in an exercise, the strongest first; the values are the data's keys."""

    PRIMARY = "primary"
    ASSISTING = "assisting"
    STABILISING = "stabilisers"


@dataclass(frozen=True, slots=True)
class MapLook:
    """How the map is drawn. Lengths in millimetres."""

    width: float
    """Of all, with the labels."""
    height: float = 60.0
    """Of the bodies, at most: where labels need the room, they are smaller."""
    mono: bool = False
    size: float = 12.0
    """Of the labels' letters, in points."""
    font: str = "Atkinson Hyperlegible Next"
    build: Build = Build.A


@dataclass(frozen=True, slots=True)
class MapWords:
    """The words on the map beside the muscles' names."""

    title: str
    """What it shows, for those who cannot see it."""
    views: tuple[str, str] | None = None
    """Printed under the front and the back."""
    key: Mapping[Role, str] = field(default_factory=dict)
    """What the fillings mean."""


@dataclass(frozen=True, slots=True)
class MuscleMap:
    """A map whose parts have their places. Lengths in millimetres."""

    look: MapLook
    height: float
    scale: float
    """Of the bodies: millimetres in one of their units."""
    middles: tuple[float, float]
    """x of the front's and the back's middle."""
    top: float
    owners: dict[str, tuple[str, Role]]
    """Whose each part of the bodies is, and in which role: ``back buttock``."""
    labels: tuple[Label, ...]
    ports: tuple[float, float]
    """x where the words on the left end and those on the right begin."""
    bold: frozenset[str]
    """The labels in bold: the muscles that do the work."""
    foot: float
    """y where the key begins."""
    key: tuple[tuple[tuple[Role, float], ...], ...]
    """The rows of the key: each role with the left end of its swatch."""


MOST_LABELS = 8
POINT = 25.4 / 72
GAP = 5.0
"""Between the words and the bodies' box: room for the lines."""
KEY_ROW = 6.6
SWATCH = (9.0, 4.4)
_SMALLEST = 25.0
"""Bodies less high cannot be read."""
_UNEVEN = 4
"""So many more labels in one column move what shows on both sides to the other."""
_ROLES = list(Role)


def plan_map(
    roles: Mapping[str, Role], names: Mapping[str, str], look: MapLook, words: MapWords
) -> MuscleMap:
    """Return the map with everything in its place.

    Raises:
        ValueError: it is too narrow for the muscles' names.
    """
    size = look.size * POINT
    owners = _settle_parts(roles)
    shown = group_muscles({slug: role for slug, role in roles.items() if slug in names}, names)
    targets = _choose_targets(shown, owners, look.build)
    bold = frozenset(slug for slug in targets if shown[slug] is Role.PRIMARY)
    scale, columns = _fill_columns(targets, names, look)
    pair = 2 * WIDE * scale
    wide = [_column_width(labels, size) for labels in columns]
    begin = (look.width - wide[0] - pair - wide[1]) / 2 + wide[0]
    middles = (begin + pair / 4, begin + pair * 3 / 4)
    ports = (begin - GAP, begin + pair + GAP)
    tall = max(HIGH * scale, *(stack_height(labels, size) for labels in columns))
    top = (tall - HIGH * scale) / 2
    placed: list[Label] = []
    for labels, middle, port in zip(columns, middles, ports, strict=True):
        moved = [
            replace(label, target=(label.target[0] + middle, label.target[1] + top))
            for label in labels
        ]
        placed += place_labels(moved, port, size, tall)
    foot = max(tall, top + HIGH * scale + (LEADING * size if words.views else 0.0))
    key = _lay_key(owners, words, look)
    high = foot + len(key) * key_step(look)
    return MuscleMap(look, high, scale, middles, top, owners, tuple(placed), ports, bold, foot, key)


def key_step(look: MapLook) -> float:
    """Return how high a row of the key is."""
    return max(KEY_ROW, look.size * POINT * LEADING + 1)


def _fill_columns(
    targets: Mapping[str, tuple[float, float, bool]], names: Mapping[str, str], look: MapLook
) -> tuple[float, list[list[Label]]]:
    """Return the bodies' scale, and the labels on the left and on the right in wrapped lines.

    The labels' points are in millimetres from the top and the middle of their body.
    """
    size = look.size * POINT
    sides = len({right for _, _, right in targets.values()})
    longest = max(
        (measure_text(word, size) for slug in targets for word in names[slug].split()), default=0.0
    )
    scale = min(look.height / HIGH, (look.width - sides * (longest + GAP + 1)) / (2 * WIDE))
    if targets and scale * HIGH < _SMALLEST:
        raise ValueError(f"{look.width:g} mm is too narrow for the muscles' names")
    room = (look.width - 2 * WIDE * scale) / sides - GAP - 1 if sides else 0.0
    return scale, [
        [
            Label(slug, wrap_text(names[slug], room, size), (x * scale, y * scale), right)
            for slug, (x, y, right) in targets.items()
            if right is side
        ]
        for side in (False, True)
    ]


def _column_width(labels: list[Label], size: float) -> float:
    """Return how much a column takes, with the room for its lines."""
    widest = max((measure_text(line, size) for n in labels for line in n.lines), default=0.0)
    return widest + GAP + 1 if labels else 0.0


def group_muscles(roles: Mapping[str, Role], names: Mapping[str, str]) -> dict[str, Role]:
    """Return the muscles that get labels: where there are too many, groups stand for theirs."""
    shown = {slug: role for slug, role in roles.items() if REGIONS.get(slug)}
    for role in reversed(_ROLES):
        for whole, members in GROUPS.items():
            if len(shown) <= MOST_LABELS:
                return shown
            found = [slug for slug in shown if slug in members and shown[slug] is role]
            if whole in names and len(found) > 1 and shown.get(whole, role) is role:
                shown = {
                    whole if slug == found[0] else slug: kept
                    for slug, kept in shown.items()
                    if slug == found[0] or slug not in (*found, whole)
                }
    return shown


def _settle_parts(roles: Mapping[str, Role]) -> dict[str, tuple[str, Role]]:
    """Return whose each part is, and in which role: the stronger first, then the more exact."""
    owners: dict[str, tuple[str, Role]] = {}
    ranked = sorted(
        roles.items(), key=lambda item: (_ROLES.index(item[1]), len(REGIONS.get(item[0], ())))
    )
    for slug, role in ranked:
        for part in REGIONS.get(slug, ()):
            owners.setdefault(part, (slug, role))
    return owners


def _choose_targets(
    shown: Mapping[str, Role], owners: Mapping[str, tuple[str, Role]], build: Build
) -> dict[str, tuple[float, float, bool]]:
    """Return the point for each label's line, and whether it lies on the back, on the right.

    What shows on both sides goes where its first part is, or to the much emptier column.
    """
    own: dict[str, list[str]] = {}
    for slug in shown:
        whose = GROUPS.get(slug, frozenset()) | {slug}
        parts = [part for part in REGIONS[slug] if owners.get(part, ("",))[0] in whose]
        own[slug] = parts or list(REGIONS[slug])
    views = {slug: {part.split()[0] for part in parts} for slug, parts in own.items()}
    count = {view: sum(seen == {view} for seen in views.values()) for view in VIEWS}
    targets = {}
    used: set[str] = set()
    for slug, parts in own.items():
        first = parts[0].split()[0]
        view = first
        if len(views[slug]) > 1:
            other = BACK if first == FRONT else FRONT
            view = other if count[first] - count[other] >= _UNEVEN else first
            count[view] += 1
        here = [part for part in parts if part.startswith(view)]
        part = next((part for part in here if part not in used), here[0])
        used.add(part)
        rings = load_body(build)[view].parts[part.split()[1]]
        half = len(rings) // 2
        x, y = _find_middle(rings[half:] if view == BACK else rings[:half])
        targets[slug] = (x, y, view == BACK)
    return targets


def _find_middle(rings: Iterable[Ring]) -> tuple[float, float]:
    """Return a point well inside the widest place near the middle of the largest ring."""
    ring = max(rings, key=lambda r: _spread(r, 0) * _spread(r, 1))
    low, high = (f(y for _, y in ring) for f in (min, max))
    middle = (low + high) / 2
    best = max(
        scan_rows(ring, max(2.0, (high - low) / 24)),
        key=lambda row: (row[2] - row[1]) - 0.35 * abs(row[0] - middle),
    )
    return (best[1] + best[2]) / 2, best[0]


def _spread(ring: Ring, axis: int) -> int:
    return max(point[axis] for point in ring) - min(point[axis] for point in ring)


def _lay_key(
    owners: Mapping[str, tuple[str, Role]], words: MapWords, look: MapLook
) -> tuple[tuple[tuple[Role, float], ...], ...]:
    """Return the rows of the key: the roles that are drawn, each row in the middle."""
    drawn = {role for _, role in owners.values()}
    rows: list[list[tuple[Role, float]]] = []
    used = look.width
    for role in _ROLES:
        if role not in drawn or role not in words.key:
            continue
        wide = SWATCH[0] + 2 + measure_text(words.key[role], look.size * POINT)
        if used + wide > look.width:
            rows.append([])
            used = 0.0
        rows[-1].append((role, wide))
        used += wide + GAP
    laid = []
    for row in rows:
        x = max(0.0, (look.width - sum(wide for _, wide in row) - GAP * (len(row) - 1)) / 2)
        places = []
        for role, wide in row:
            places.append((role, x))
            x += wide + GAP
        laid.append(tuple(places))
    return tuple(laid)
