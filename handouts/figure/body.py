"""Turn a skeleton into the outlines of a dressed body, the farthest first."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import hypot
from typing import TYPE_CHECKING

from handouts.figure.outline import Circle, box_of, trace_hull, trace_limb, trace_smooth
from handouts.figure.space import Matrix, Vector, add, turn
from handouts.figure.view import Part, Viewer
from handouts.model.pose import Build

if TYPE_CHECKING:
    from collections.abc import Sequence

    from handouts.figure.space import Flat


@dataclass(frozen=True, slots=True)
class Shape:
    """A mannequin's measures beside the middle ones, and its hair."""

    hips: float
    waist: float
    chest: float
    arms: float
    bun: bool


SHAPES = {
    Build.A: Shape(hips=1.04, waist=0.9, chest=0.94, arms=0.92, bun=True),
    Build.B: Shape(hips=0.95, waist=1.08, chest=1.08, arms=1.08, bun=False),
}

# Along the spine from the hips to the neck, in thousandths of the height: half width, half depth,
# how far the middle lies forwards.
_TRUNK = (
    (90.0, 62.0, -9.0),
    (88.0, 60.0, -6.0),
    (80.0, 56.0, 0.0),
    (83.0, 60.0, 3.0),
    (94.0, 67.0, 5.0),
    (102.0, 67.0, 3.0),
    (104.0, 55.0, -3.0),
    (60.0, 38.0, -4.0),
)
_HEM = 1
"""The shirt begins at this part of the spine."""
_BEHIND = 50.0
"""What is so much deeper than the legs is painted before them."""
_FAR = 40.0
"""Limbs that hang from a joint so much deeper than its partner are toned as the far ones."""


def build_parts(view: Viewer, build: Build) -> list[Part]:
    """Return the body's parts in the order in which they are painted."""
    shape = SHAPES[build]
    far_leg, near_leg = sorted((_draw_leg(view, side) for side in ("left", "right")), key=_depth)
    far_arm, near_arm = sorted(
        (_draw_arm(view, side, shape.arms) for side in ("left", "right")), key=_depth
    )
    if abs(view.depth("left-hip") - view.depth("right-hip")) > _FAR:
        far_leg = [replace(part, far=True) for part in far_leg]
    if abs(view.depth("left-shoulder") - view.depth("right-shoulder")) > _FAR:
        far_arm = [replace(part, far=True) for part in far_arm]
    seat, shirt = _draw_trunk(view, shape)
    upper = [shirt, *_draw_head(view, shape)]
    # The seat is painted again without its line: it and the legs of its tone melt into one.
    melted = replace(seat, bare=True)
    if far_leg[1].far:
        lower = [*far_leg, near_leg[0], seat, near_leg[1], melted]
    else:
        lower = [far_leg[0], near_leg[0], seat, far_leg[1], near_leg[1], melted]
    behind = _depth(upper) < _depth(near_leg) - _BEHIND
    core = [*upper, *lower] if behind else [*lower, *upper]
    arms = [(arm, _depth(arm) < shirt.depth + _BEHIND / 2) for arm in (far_arm, near_arm)]
    far = [part for arm, is_far in arms if is_far for part in arm]
    near = [part for arm, is_far in arms if not is_far for part in arm]
    return _leave_out_hidden([*far, *core, *near])


def _leave_out_hidden(parts: list[Part]) -> list[Part]:
    """Return the parts without those whose partner lies before them exactly."""
    last = {part.path: number for number, part in enumerate(parts)}
    return [
        part
        for number, part in enumerate(parts)
        if part.name == "seat" or last[part.path] == number
    ]


def _depth(parts: Sequence[Part]) -> float:
    return sum(part.depth for part in parts) / len(parts)


def _draw_leg(view: Viewer, side: str) -> list[Part]:
    hip, knee, ankle = f"{side}-hip", f"{side}-knee", f"{side}-ankle"
    thigh, shank, foot = f"{side}-thigh", f"{side}-shank", f"{side}-foot"
    limb = [
        view.beside(hip, thigh, (-6.0, 0.0, -4.0), 64.0),
        view.beside(hip, thigh, (-8.0, 0.0, -75.0), 59.0),
        view.beside(hip, thigh, (5.0, 0.0, -155.0), 49.0),
        view.at(knee, 39.0),
        view.beside(knee, shank, (-11.0, 0.0, -72.0), 38.0),
        view.beside(knee, shank, (-7.0, 0.0, -150.0), 29.0),
        view.at(ankle, 21.0),
    ]
    # The lowest of each ball lies on the sole.
    shoe = [
        view.beside(ankle, foot, (forwards, 0.0, radius - 39.0), radius)
        for forwards, radius in ((-26.0, 23.0), (10.0, 30.0), (66.0, 19.0), (100.0, 14.0))
    ]
    depth = view.depth(hip, knee, ankle)
    return [
        Part(f"{side}-shoe", "shoe", trace_hull(shoe), box_of(shoe), depth),
        Part(f"{side}-leg", "legs", trace_limb(view.cut(limb)), box_of(limb), depth),
    ]


def _draw_arm(view: Viewer, side: str, stout: float) -> list[Part]:
    shoulder, elbow, wrist = f"{side}-shoulder", f"{side}-elbow", f"{side}-wrist"
    upper, fore, hand = f"{side}-upper-arm", f"{side}-forearm", f"{side}-hand"
    arm = [
        view.beside(shoulder, upper, (0.0, 0.0, -70.0), 28.0),
        view.at(elbow, 24.0),
        view.beside(elbow, fore, (0.0, 0.0, -45.0), 25.0),
        view.at(wrist, 16.0),
        view.beside(wrist, hand, (0.0, 0.0, -42.0), 20.0),
        view.beside(wrist, hand, (0.0, 0.0, -82.0), 12.0),
    ]
    thumb = [
        view.beside(wrist, hand, (9.0, 0.0, -18.0), 11.0),
        view.beside(wrist, hand, (25.0, 0.0, -50.0), 8.0),
    ]
    sleeve = [
        view.at(shoulder, 32.0),
        view.beside(shoulder, upper, (0.0, 0.0, -50.0), 34.0),
        view.beside(shoulder, upper, (0.0, 0.0, -94.0), 33.0),
    ]
    thumb, arm, sleeve = (
        [(x, y, radius * stout) for x, y, radius in balls] for balls in (thumb, arm, sleeve)
    )
    depth = view.depth(shoulder, elbow, wrist)
    return [
        Part(f"{side}-thumb", "skin", trace_limb(thumb), box_of(thumb), depth),
        Part(f"{side}-arm", "skin", trace_limb(view.cut(arm)), box_of(arm), depth),
        Part(f"{side}-sleeve", "shirt", trace_hull(sleeve), box_of(sleeve), depth),
    ]


def _draw_trunk(view: Viewer, shape: Shape) -> tuple[Part, Part]:
    factors = (shape.hips, shape.hips, shape.waist, *(shape.chest,) * 5)
    slices = [
        _slice(view, point, frame, (row[0] * factor, row[1], row[2]))
        for row, factor, (point, frame) in zip(_TRUNK, factors, view.skeleton.spine, strict=True)
    ]
    point, frame = view.skeleton.spine[0]
    low = [
        _slice(
            view, add(point, turn(frame, (0.0, 0.0, -drop))), frame, (wide * shape.hips, deep, back)
        )
        for drop, wide, deep, back in (
            (78.0, 34.0, 26.0, -14.0),
            (62.0, 66.0, 50.0, -13.0),
            (30.0, 87.0, 62.0, -12.0),
        )
    ]
    depth = view.camera.depth(view.skeleton.spine[4][0])
    # Under the hem the seat is a little narrower than the shirt.
    under = [_narrow(slices[_HEM], 0.97), _narrow(slices[_HEM + 1], 0.8)]
    seat = _tube("seat", "legs", [*low, *slices[:_HEM], *under], depth)
    return seat, _tube("trunk", "shirt", slices[_HEM:], depth)


def _slice(
    view: Viewer, point: Vector, frame: Matrix, row: tuple[float, float, float]
) -> tuple[Flat, Flat]:
    """Return the two ends of a slice of the trunk, an ellipse of half width and depth."""
    wide, deep, forwards = row
    x, y = view.camera.see(add(point, turn(frame, (forwards, 0.0, 0.0))))
    axis = view.camera.see(turn(frame, (0.0, 0.0, 1.0)))
    size = hypot(*axis)
    # Seen along the spine there is no axis to stand across: any will do.
    across = (-axis[1] / size, axis[0] / size) if size > 0.05 else (1.0, 0.0)  # noqa: PLR2004
    half = hypot(
        *(
            _dot(view.camera.see(turn(frame, radius)), across)
            for radius in ((deep, 0.0, 0.0), (0.0, wide, 0.0))
        )
    )
    return (x + across[0] * half, y + across[1] * half), (
        x - across[0] * half,
        y - across[1] * half,
    )


def _narrow(ends: tuple[Flat, Flat], share: float) -> tuple[Flat, Flat]:
    a, b = ends
    middle = ((a[0] + b[0]) / 2, (a[1] + b[1]) / 2)
    return (
        (middle[0] + share * (a[0] - middle[0]), middle[1] + share * (a[1] - middle[1])),
        (middle[0] + share * (b[0] - middle[0]), middle[1] + share * (b[1] - middle[1])),
    )


def _dot(a: Flat, b: Flat) -> float:
    return a[0] * b[0] + a[1] * b[1]


def _tube(name: str, tone: str, slices: Sequence[tuple[Flat, Flat]], depth: float) -> Part:
    edge = [ends[0] for ends in slices] + [ends[1] for ends in reversed(slices)]
    if _area(edge) < 0:
        # Outlines that melt into one must run the same way round (fill rule nonzero).
        edge.reverse()
    box = box_of((x, y, 4.0) for x, y in edge)
    return Part(name, tone, trace_smooth(edge), box, depth)


def _area(edge: Sequence[Flat]) -> float:
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(edge, [*edge[1:], edge[0]], strict=True))


def _draw_head(view: Viewer, shape: Shape) -> list[Part]:
    def at(forwards: float, up: float, radius: float, aside: float = 0.0) -> Circle:
        return view.beside("skull", "head", (forwards, aside, up), radius)

    neck = [view.beside("neck", "head", (2.0, 0.0, -10.0), 29.0), view.at("skull", 27.0)]
    face = [at(8.0, 70.0, 55.0), at(20.0, 34.0, 37.0), at(27.0, 20.0, 25.0)]
    nose = [at(56.0, 52.0, 10.0), at(65.0, 46.0, 7.0)]
    cap = [at(-2.0, 78.0, 58.0), at(-16.0, 58.0, 44.0)]
    fringe = [at(-12.0, 98.0, 39.0)]
    fringe += [at(18.0, 110.0, 23.0, aside) for aside in (-16.0, 16.0)]
    fringe += [at(36.0, 100.0, 13.0, aside) for aside in (-30.0, 30.0)]
    depth = view.depth("head")
    back = view.camera.depth(turn(view.skeleton.frames["head"], (-30.0, 0.0, 0.0)))
    pieces = [
        ("neck", "skin", trace_limb(neck), neck, -99.0),
        ("hair", "hair", trace_hull(cap), cap, back),
        ("nose", "skin", trace_limb(nose), nose, -back - 1),
        ("face", "skin", trace_hull(face), face, -back),
        ("fringe", "hair", trace_hull(fringe), fringe, 50.0 - back * 2),
    ]
    if shape.bun:
        bun = [at(-38.0, 120.0, 25.0)]
        pieces.insert(1, ("bun", "hair", trace_limb(bun), bun, back * 1.5))
    pieces.sort(key=lambda piece: piece[4])
    return [
        Part(name, tone, path, box_of(circles), depth) for name, tone, path, circles, _ in pieces
    ]
