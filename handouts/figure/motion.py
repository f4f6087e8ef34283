"""Turn a start and an end into what shows the movement: ghost, arrows, guides and hold marks."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from math import acos, atan2, cos, hypot, pi, sin
from typing import TYPE_CHECKING

from handouts.figure.body import build_parts
from handouts.figure.ground import stand_skeleton, touch_point
from handouts.figure.mark import Look, Mark
from handouts.figure.outline import Box, box_of, trace_line, trace_smooth
from handouts.figure.space import add, dot, length, turn
from handouts.figure.view import Viewer
from handouts.model.pose import Angles, Guide

if TYPE_CHECKING:
    from handouts.figure.bases import Stance
    from handouts.figure.skeleton import Skeleton
    from handouts.figure.space import Camera, Flat, Vector
    from handouts.model.pose import Build, JointName, PartName, Pose

_SAMPLES = 9
_GHOSTLY = {
    *(f"{side}-{part}" for side in ("left", "right") for part in ("leg", "shoe", "arm", "sleeve")),
    *("seat", "trunk", "neck", "face", "hair"),
}
_IN_LINE = 0.25
"""Radians by which an ankle may be more out of line than a knee and still be the plank's end."""
_BESIDE = 92.0
"""How far from the middle of the body its guides are drawn."""
_ON_BACK = 0.5
"""Where the back's direction points down more than this, its guide lies before the belly."""
_CLEAR = 36.0
"""How far an arrow stays from the joints at its ends."""
_HEAD = 52.0
"""The length of an arrow's head, where the arrow is long enough."""
_SHORTEST = 60.0
"""A path shorter than this is no movement that an arrow could show."""


def stand_start(start: Stance, end: Stance, skeleton: Skeleton) -> Skeleton:
    """Return the start's skeleton, at the place of a part that stays where it is."""
    both = _still_parts(start, end)
    if not both:
        return stand_skeleton(start)
    return stand_skeleton(start, (both[0], touch_point(skeleton, both[0])))


def draw_ghost(start: Skeleton, build: Build, camera: Camera) -> list[Mark]:
    """Return the start as one pale shape."""
    parts = [part for part in build_parts(Viewer(start, camera), build) if part.name in _GHOSTLY]
    box = parts[0].box
    for part in parts[1:]:
        box = box.around(part.box)
    # Left and right are often the same seen from the side.
    return [Mark(Look.GHOST, "".join(dict.fromkeys(part.path for part in parts)), box)]


def draw_arrows(
    start: Stance, end: Stance, joints: tuple[JointName, ...], view: Viewer
) -> list[Mark]:
    """Return arrows along the true paths of joints from the start to the end, heads last."""
    if not joints:
        return []
    both = _still_parts(start, end)
    anchor = (both[0], touch_point(view.skeleton, both[0])) if both else None
    between = [blend_stances(start, end, number / (_SAMPLES - 1)) for number in range(_SAMPLES)]
    film = [stand_skeleton(stance, anchor) for stance in between]
    arrows = [_draw_arrow(film, joint, view) for joint in joints]
    return sorted((mark for arrow in arrows for mark in arrow), key=lambda mark: mark.look)


def _draw_arrow(film: list[Skeleton], joint: str, view: Viewer) -> list[Mark]:
    points = [view.camera.see(_tracked(skeleton, joint)) for skeleton in film]
    far = sum(hypot(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(points))
    if far < _SHORTEST:
        return []
    # The limbs that it leaves and reaches stay clear.
    clear = min(_CLEAR, far / 6)
    points = _cut(_cut(points, clear)[::-1], 0.0 if joint == "pelvis" else clear)[::-1]
    tip, before = points[-1], points[max(-3, -len(points))]
    way = atan2(tip[1] - before[1], tip[0] - before[0])
    size = min(_HEAD, 10 + 0.3 * far)
    head = [_from(tip, way, 10)] + [_from(tip, way + sign * 0.8 * pi, size) for sign in (1, -1)]
    path = trace_smooth(points[:-1], closed=False)
    box = box_of((x, y, 26.0) for x, y in [*points, *head])
    return [Mark(Look.ARROW, path, box), Mark(Look.ARROW_HEAD, f"{trace_line(head)}z", box)]


def _cut(points: list[Flat], off: float) -> list[Flat]:
    """Return the line without so much of its beginning."""
    for number, (a, b) in enumerate(pairwise(points)):
        size = hypot(b[0] - a[0], b[1] - a[1])
        if size > off:
            share = off / size
            begin = (a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1]))
            return [begin, *points[number + 1 :]]
        off -= size
    return points[-2:]


def _tracked(skeleton: Skeleton, joint: str) -> Vector:
    """Return the point whose path is drawn; of the pelvis it is the skin of the seat."""
    if joint == "pelvis":
        return add(skeleton.points[joint], turn(skeleton.frames[joint], (-78.0, 0.0, -20.0)))
    return skeleton.points[joint]


def _still_parts(start: Stance, end: Stance) -> list[PartName]:
    """Return what touches the same thing at the start and at the end."""
    return [part for part, thing in end.contacts.items() if start.contacts.get(part) is thing]


def blend_stances(start: Stance, end: Stance, share: float) -> Stance:
    """Return the pose so far on the way from one to another (0 to 1)."""

    def mix(a: float, b: float) -> float:
        return a * (1 - share) + b * share

    joints = {}
    for name in {**start.joints, **end.joints}:
        a, b = start.angles(name), end.angles(name)
        joints[name] = Angles.model_construct(
            flexion=mix(a.flexion, b.flexion),
            abduction=mix(a.abduction, b.abduction),
            rotation=mix(a.rotation, b.rotation),
        )
    return replace(
        end,
        joints=joints,
        lean=mix(start.lean, end.lean),
        tilt=mix(start.tilt, end.tilt),
        turn=mix(start.turn, end.turn),
    )


def draw_guides(pose: Pose, view: Viewer) -> list[Mark]:
    """Return the lines that show the point: the spine, the level of the hips, the plank."""
    lines: list[list[Flat]] = []
    skeleton, camera = view.skeleton, view.camera
    for guide in pose.guides:
        if guide is Guide.SPINE:
            beside = _BESIDE if skeleton.spine[3][1][2][0] > _ON_BACK else -_BESIDE
            spine = [
                camera.see(add(point, turn(frame, (beside, 0.0, 0.0))))
                for point, frame in skeleton.spine
            ]
            lines.append(spine[:-1:2])
        elif guide is Guide.HIPS_LEVEL:
            left, right = (camera.see(skeleton.points[f"{side}-hip"]) for side in ("left", "right"))
            lines.append([_beyond(right, left, 1.3), _beyond(left, right, 1.3)])
        else:
            top, far = camera.see(skeleton.points["neck"]), camera.see(_end_of_plank(skeleton))
            back = camera.see(turn(skeleton.frames["pelvis"], (-1.0, 0.0, 0.0)))
            lines.append(_shift([_beyond(far, top, 0.22), _beyond(top, far, 0.06)], back))
    return [
        Mark(Look.GUIDE, trace_smooth(line, closed=False), box_of((x, y, 5.0) for x, y in line))
        for line in lines
    ]


def _shift(line: list[Flat], way: Flat) -> list[Flat]:
    """Return the line beside the body, where the back is; above it if that is below."""
    (ax, ay), (bx, by) = line
    size = hypot(bx - ax, by - ay) or 1.0
    x, y = (by - ay) / size * _BESIDE, (ax - bx) / size * _BESIDE
    if x * way[0] + y * way[1] < 0:
        x, y = -x, -y
    if y > _BESIDE / 2:
        x, y = -x, -y
    return [(ax + x, ay + y), (bx + x, by + y)]


def _end_of_plank(skeleton: Skeleton) -> Vector:
    """Return the ankle that is most in line with the trunk; the knee where no shank is."""
    points = skeleton.points
    trunk = add(points["pelvis"], points["neck"], -1.0)

    def off(joint: str) -> float:
        leg = add(points[joint], points["pelvis"], -1.0)
        return acos(max(-1.0, min(1.0, dot(trunk, leg) / length(trunk) / length(leg))))

    ankle, knee = (
        min((f"{s}-{at}" for s in ("left", "right")), key=off) for at in ("ankle", "knee")
    )
    return points[ankle if off(ankle) < off(knee) + _IN_LINE else knee]


def draw_hold(pose: Pose, box: Box) -> list[Mark]:
    """Return the sign for "hold": two bars, as on any player."""
    if not pose.hold:
        return []
    x, y = box.right + 10, box.top
    bars = []
    for left in (x, x + 40):
        corners = [(left, y), (left + 22, y), (left + 22, y + 84), (left, y + 84)]
        path = f"{trace_line(corners)}z"
        bars.append(Mark(Look.ARROW_HEAD, path, Box(left, y, left + 22, y + 84)))
    return bars


def _from(point: Flat, way: float, far: float) -> Flat:
    return (point[0] + far * cos(way), point[1] + far * sin(way))


def _beyond(a: Flat, b: Flat, share: float) -> Flat:
    return (b[0] + share * (b[0] - a[0]), b[1] + share * (b[1] - a[1]))
