"""Turn what a body touches, holds and wears into drawn things at the places of contact."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handouts.figure.ground import GROUNDS, touch_point
from handouts.figure.mark import Look, Mark
from handouts.figure.outline import Box, Circle, box_of, trace_hull, trace_limb, trace_line
from handouts.figure.space import add, turn
from handouts.model.pose import Gear, Thing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from handouts.figure.bases import Stance
    from handouts.figure.space import Flat
    from handouts.figure.view import Viewer
    from handouts.model.pose import Pose

# Thousandths of the height; a bench is about 45 cm deep, a chair's seat 42 cm.
_ON_SHOE = {"foot": 48.0, "toes": 92.0}
"""How far before the ankle a band lies."""
_BENCH, _SEAT, _MAT, _FLOOR = 250.0, 240.0, 16.0, 420.0


def draw_things(stance: Stance, view: Viewer, body: Box) -> list[Mark]:
    """Return the furniture and the floor, which stand behind the body."""
    places: dict[Thing, list[tuple[str, Flat]]] = {}
    for part, thing in stance.contacts.items():
        place = view.camera.see(touch_point(view.skeleton, part))
        places.setdefault(thing, []).append((part, place))
    marks: list[Mark] = []
    for thing, touched in places.items():
        if thing not in GROUNDS:
            marks += _DRAWERS[thing](touched, body)
    everything = _around([body, *(mark.box for mark in marks)])
    ground = [Thing.MAT] if Thing.MAT in places else []
    floor = _MAT if ground else 0.0
    if ground:
        marks.insert(0, _slab(Look.PROP, everything.left - 20, 0, everything.right + 20, _MAT))
    middle, half = (everything.left + everything.right) / 2, _FLOOR / 2
    left, right = (
        min(everything.left - 40, middle - half),
        max(everything.right + 40, middle + half),
    )
    line = trace_line([(left, floor + 3), (right, floor + 3)])
    return [Mark(Look.FLOOR, line, Box(left, floor, right, floor + 6)), *marks]


def draw_gear(pose: Pose, view: Viewer) -> list[Mark]:
    """Return what the hands hold and the ankles wear, which lies before the body."""
    marks = []
    for part, gear in pose.gear.items():
        marks += _GEAR[gear](part, view)
    return marks


def draw_band(pose: Pose, view: Viewer) -> list[Mark]:
    """Return the resistance band, taut between its two ends."""
    if pose.band is None:
        return []
    if pose.band[0] == pose.band[1]:
        return [_draw_loop(view, pose.band[0])]
    ends = [_band_end(view, part) for part in pose.band]
    strap = [(x, y, 9.0) for x, y in ends]
    loops = [_wrap_end(view, part, end) for part, end in zip(pose.band, ends, strict=True)]
    path = trace_limb(strap) + "".join(trace_hull(loop) for loop in loops)
    box = box_of([circle for loop in loops for circle in loop])
    return [Mark(Look.BAND, path, box, melted=True)]


def _wrap_end(view: Viewer, part: str, end: Flat) -> list[Circle]:
    """Return the band where it goes round its end: across a shoe, a ball elsewhere."""
    side, _, name = part.partition("-")
    if name not in _ON_SHOE:
        return [(*end, 17.0)]
    ahead = _ON_SHOE[name]
    return [
        view.beside(f"{side}-ankle", f"{side}-foot", (ahead, 0.0, up), 9.0)
        for up in (-37.0, -2.0 - 0.2 * ahead)
    ]


def _draw_loop(view: Viewer, part: str) -> Mark:
    """Return a band tied round a limb: at the knee it sits above, elsewhere at the joint."""
    side, _, name = part.partition("-")
    joint, frame, up = {
        "knee": (f"{side}-knee", f"{side}-thigh", 60.0),
        "foot": (f"{side}-ankle", f"{side}-shank", 30.0),
    }.get(name, (part, "pelvis", 0.0))
    if joint not in view.skeleton.points:
        joint = "pelvis"
    wide = 54.0 if name == "knee" else 32.0
    ends = [view.beside(joint, frame, (ahead, 0.0, up), 10.0) for ahead in (-wide, wide)]
    return Mark(Look.BAND, trace_hull(ends), box_of(ends))


def _band_end(view: Viewer, part: str) -> Flat:
    side, _, name = part.partition("-")
    points = view.skeleton.points
    if name in _ON_SHOE:
        ankle, foot = points[f"{side}-ankle"], view.skeleton.frames[f"{side}-foot"]
        return view.camera.see(add(ankle, turn(foot, (_ON_SHOE[name], 0.0, -37.0))))
    if name == "hand":
        return view.camera.see(_grip(view, side))
    return view.camera.see(touch_point(view.skeleton, part) if part not in points else points[part])


def _grip(view: Viewer, side: str) -> tuple[float, float, float]:
    frame = view.skeleton.frames[f"{side}-hand"]
    return add(view.skeleton.points[f"{side}-wrist"], turn(frame, (6.0, 0.0, -48.0)))


def _draw_bench(touched: list[tuple[str, Flat]], body: Box) -> list[Mark]:
    del body
    part, (x, y) = touched[0]
    # Below the upper back nothing touches: there the bench ends.
    ahead = 0.24 if part == "upper-back" else 0.5
    left, right = x - (1 - ahead) * _BENCH, x + ahead * _BENCH
    legs = [_slab(Look.PROP, at, y + 44, at + 26, 0) for at in (left + 24, right - 50)]
    return [*legs, _slab(Look.PROP, left, y, right, y + 46)]


def _draw_chair(touched: list[tuple[str, Flat]], body: Box) -> list[Mark]:
    seats = [place for part, place in touched if part == "seat"]
    if seats:
        x, y = seats[0]
        back, seat, top = x - 0.45 * _SEAT, y, y - 280
        front = x + 0.55 * _SEAT
        ahead = 1.0
    else:
        # Touched by a hand: the top of its back is under the hand, its seat away from the body.
        x, top = touched[0][1]
        ahead = 1.0 if x > (body.left + body.right) / 2 else -1.0
        back, seat, front = x, -_SEAT, x + ahead * _SEAT
    return [
        _slab(Look.PROP, back - 13, top, back + 13, 0),
        _slab(Look.PROP, front - 13, seat + 20, front + 13, 0),
        _slab(Look.PROP, min(back, front) - 13, seat, max(back, front) + 13, seat + 28),
    ]


def _draw_wall(touched: list[tuple[str, Flat]], body: Box) -> list[Mark]:
    x = touched[0][1][0]
    ahead = 1.0 if x > (body.left + body.right) / 2 else -1.0
    near, far = x + ahead * 3, x + ahead * 53
    return [_slab(Look.PROP, min(near, far), min(body.top, -1000), max(near, far), 0)]


def _draw_step(touched: list[tuple[str, Flat]], body: Box) -> list[Mark]:
    del body
    xs, y = [place[0] for _, place in touched], min(place[1] for _, place in touched)
    return [_slab(Look.PROP, min(xs) - 130, y, max(xs) + 130, 0)]


def _draw_cushion(touched: list[tuple[str, Flat]], body: Box) -> list[Mark]:
    del body
    cushions = []
    for _, (x, y) in touched:
        pad = [(x - 60, y + 20, 20.0), (x + 60, y + 20, 20.0)]
        cushions.append(Mark(Look.PROP, trace_hull(pad), box_of(pad)))
    return cushions


_DRAWERS: dict[Thing, Callable[[list[tuple[str, Flat]], Box], list[Mark]]] = {
    Thing.BENCH: _draw_bench,
    Thing.CHAIR: _draw_chair,
    Thing.WALL: _draw_wall,
    Thing.STEP: _draw_step,
    Thing.CUSHION: _draw_cushion,
}


def _draw_dumbbell(part: str, view: Viewer) -> list[Mark]:
    side = part.partition("-")[0]
    grip, frame = _grip(view, side), view.skeleton.frames[f"{side}-hand"]

    def disc(along: float, radius: float) -> Circle:
        return view.circle(add(grip, turn(frame, (along, 0.0, 0.0))), radius)

    ends = [[disc(sign * 38, 29.0), disc(sign * 62, 29.0)] for sign in (-1, 1)]
    bar = [disc(-50, 9.0), disc(50, 9.0)]
    path = trace_limb(bar) + "".join(trace_limb(end) for end in ends)
    return [Mark(Look.GEAR, path, box_of([*ends[0], *ends[1]]), melted=True)]


def _draw_kettlebell(part: str, view: Viewer) -> list[Mark]:
    x, y = view.camera.see(_grip(view, part.partition("-")[0]))
    ring = [(x + aside, y + down, 8.0) for aside, down in ((-30, 42), (-20, 0), (20, 0), (30, 42))]
    ball = [(x, y + 76, 50.0)]
    return [Mark(Look.GEAR, trace_limb(piece), box_of(piece)) for piece in (ring, ball)]


def _draw_barbell(part: str, view: Viewer) -> list[Mark]:
    del part
    grips = [_grip(view, side) for side in ("left", "right")]
    middle = tuple((a + b) / 2 for a, b in zip(*grips, strict=True))
    across = view.camera.see((0.0, 1.0, 0.0))[0]
    x, y = view.camera.see(middle)
    half = 330.0 * across
    bar = [(x - half, y, 9.0), (x + half, y, 9.0)]
    plates = [
        [(x + sign * half * share, y - up, 12.0) for share in (0.8, 0.86) for up in (88, -88)]
        for sign in (-1, 1)
    ]
    if abs(across) < 0.2:  # noqa: PLR2004  seen from the side, a plate is a disc
        disc = [(x, y, 100.0)]
        return [
            Mark(Look.GEAR, trace_limb(disc), box_of(disc)),
            Mark(Look.PROP, trace_limb([(x, y, 16.0)]), box_of(disc)),
        ]
    path = trace_limb(bar) + "".join(trace_hull(plate) for plate in plates)
    return [Mark(Look.GEAR, path, box_of([*plates[0], *plates[1], *bar]), melted=True)]


def _draw_ankle_weight(part: str, view: Viewer) -> list[Mark]:
    side = part.partition("-")[0]
    cuff = [
        view.beside(f"{side}-ankle", f"{side}-shank", (-3.0, 0.0, up), 33.0) for up in (18.0, 52.0)
    ]
    return [Mark(Look.GEAR, trace_hull(cuff), box_of(cuff))]


_GEAR: dict[Gear, Callable[[str, Viewer], list[Mark]]] = {
    Gear.DUMBBELL: _draw_dumbbell,
    Gear.KETTLEBELL: _draw_kettlebell,
    Gear.BARBELL: _draw_barbell,
    Gear.ANKLE_WEIGHT: _draw_ankle_weight,
}


def _slab(look: Look, left: float, top: float, right: float, bottom: float) -> Mark:
    corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
    return Mark(look, f"{trace_line(corners)}z", Box(left, top, right, bottom))


def _around(boxes: Iterable[Box]) -> Box:
    first, *rest = boxes
    for box in rest:
        first = first.around(box)
    return first
