"""Turn a skeleton that floats into one that touches what its pose says: floor, bench, wall."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handouts.figure.skeleton import pose_skeleton
from handouts.figure.space import Vector, add, turn
from handouts.model.pose import Thing

if TYPE_CHECKING:
    from collections.abc import Iterable

    from handouts.figure.bases import Stance
    from handouts.figure.skeleton import Skeleton

GROUNDS = (Thing.FLOOR, Thing.MAT)
"""What lies at height 0."""
# How far skin is from the joint inside, in thousandths of the height.
_KNEE, _ELBOW, _HAND, _SEAT, _FLANK = 38.0, 24.0, 15.0, 84.0, 98.0
_BACK, _BELLY = (62.0, 58.0, 54.0, 57.0, 62.0, 64.0, 57.0, 40.0), 66.0


def stand_skeleton(stance: Stance, anchor: tuple[str, Vector] | None = None) -> Skeleton:
    """Return the pose's skeleton with the lowest of what touches the ground at height 0.

    Args:
        stance: the whole pose.
        anchor: a part that stays where it is, and its place; without it, what touches the
            ground lies about x = 0.
    """
    skeleton = pose_skeleton(stance)
    if anchor:
        part, place = anchor
        return skeleton.moved(add(place, touch_point(skeleton, part), -1.0))
    grounded = grounded_parts(stance)
    points = [touch_point(skeleton, part) for part in grounded] or _every_point(skeleton)
    low = min(point[2] for point in points)
    middle = sum(point[0] for point in points) / len(points)
    return skeleton.moved((-middle, 0.0, -low))


def grounded_parts(stance: Stance) -> list[str]:
    """Return the parts that touch floor or mat, in the order of the pose."""
    return [part for part, thing in stance.contacts.items() if thing in GROUNDS]


def touch_point(skeleton: Skeleton, part: str) -> Vector:  # noqa: PLR0911  one for each kind
    """Return the point of the skin where a part of the body touches."""
    side, _, name = part.partition("-")
    points = skeleton.points
    if name == "foot":
        return _lowest(points[f"{side}-{end}"] for end in ("heel", "ball", "toe"))
    if name == "toes":
        return points[f"{side}-toe"]
    if name == "knee":
        return add(points[part], (0.0, 0.0, -_KNEE))
    if name == "elbow":
        return add(points[part], (0.0, 0.0, -_ELBOW))
    if name == "hand":
        return add(_lowest([points[part], points[f"{side}-wrist"]]), (0.0, 0.0, -_HAND))
    if part == "seat":
        return _lowest(
            add(points["pelvis"], turn(skeleton.frames["pelvis"], away))
            for away in ((-30.0, 0.0, -_SEAT + 12.0), (-62.0, 0.0, -34.0))
        )
    spine = skeleton.spine
    if part == "upper-back":
        return _behind(spine, 5)
    if part == "back":
        return _lowest(_behind(spine, number) for number in range(len(spine)))
    if part == "belly":
        return _lowest(add(point, turn(frame, (_BELLY, 0.0, 0.0))) for point, frame in spine)
    sign = 1.0 if side == "left" else -1.0
    return _lowest(add(point, turn(frame, (0.0, sign * _FLANK, 0.0))) for point, frame in spine[:6])


def _behind(spine: tuple[tuple[Vector, tuple[Vector, Vector, Vector]], ...], number: int) -> Vector:
    point, frame = spine[number]
    return add(point, turn(frame, (-_BACK[number], 0.0, 0.0)))


def _lowest(points: Iterable[Vector]) -> Vector:
    return min(points, key=lambda point: point[2])


def _every_point(skeleton: Skeleton) -> list[Vector]:
    return list(skeleton.points.values())
