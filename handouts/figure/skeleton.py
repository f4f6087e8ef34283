"""Turn joint angles into the places of the joints in space: forward kinematics."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from handouts.figure.space import (
    Matrix,
    Vector,
    about_x,
    about_y,
    about_z,
    add,
    chain,
    turn,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from handouts.figure.bases import Stance

# Thousandths of the body's height (Drillis & Contini 1966, as in Winter, Biomechanics, fig. 4.1);
# hip centres by Bell et al. 1990.
THIGH, SHANK, ANKLE_HEIGHT = 245.0, 246.0, 39.0
FOOT_BEHIND, FOOT_AHEAD = 42.0, 110.0
UPPER_ARM, FOREARM, HAND = 172.0, 146.0, 92.0
LUMBAR, THORACIC, NECK, HEAD = 110.0, 180.0, 52.0, 66.0
HIP_OFFSET, SHOULDER_OFFSET, SHOULDER_DROP = 50.0, 101.0, 28.0
_LUMBAR_PARTS, _THORACIC_PARTS = 3, 4

LEFT, RIGHT = "left", "right"
SIDES = {LEFT: 1.0, RIGHT: -1.0}


@dataclass(frozen=True, slots=True)
class Skeleton:
    """Where every joint is, and how every segment is turned."""

    points: Mapping[str, Vector]
    frames: Mapping[str, Matrix]
    spine: tuple[tuple[Vector, Matrix], ...]
    """From the middle of the hips to the base of the neck."""

    def moved(self, by: Vector) -> Skeleton:
        """Return the same skeleton at another place."""
        points = {name: add(point, by) for name, point in self.points.items()}
        spine = tuple((add(point, by), frame) for point, frame in self.spine)
        return Skeleton(points, self.frames, spine)


def pose_skeleton(stance: Stance) -> Skeleton:
    """Return the skeleton of a pose, the middle of its hips at the origin."""
    upright = about_y(stance.lean)
    pelvis = chain(upright, about_x(stance.tilt), about_z(stance.turn))
    points: dict[str, Vector] = {"pelvis": (0.0, 0.0, 0.0)}
    frames: dict[str, Matrix] = {"pelvis": pelvis}
    spine = _lay_spine(stance, pelvis, points, frames)
    for side, sign in SIDES.items():
        planted = f"{side}-foot" in stance.contacts
        _hang_leg(stance, side, sign, upright if planted else pelvis, points, frames)
        _hang_arm(stance, side, sign, points, frames)
    return Skeleton(points, frames, tuple(spine))


def _lay_spine(
    stance: Stance, pelvis: Matrix, points: dict[str, Vector], frames: dict[str, Matrix]
) -> list[tuple[Vector, Matrix]]:
    place, frame = points["pelvis"], pelvis
    spine = [(place, frame)]
    parts = [("lumbar", LUMBAR, _LUMBAR_PARTS), ("thoracic", THORACIC, _THORACIC_PARTS)]
    for name, size, count in parts:
        angles = stance.angles(name)
        bend = chain(
            about_y(angles.flexion / count),
            about_x(-angles.abduction / count),
            about_z(angles.rotation / count),
        )
        for _ in range(count):
            frame = chain(frame, bend)
            place = add(place, turn(frame, (0.0, 0.0, size / count)))
            spine.append((place, frame))
        points[name], frames[name] = place, frame
    points["neck"] = place
    angles = stance.angles("neck")
    frame = chain(
        frame, about_y(angles.flexion), about_x(-angles.abduction), about_z(angles.rotation)
    )
    points["skull"] = add(place, turn(frame, (6.0, 0.0, NECK)))
    points["head"] = add(points["skull"], turn(frame, (8.0, 0.0, HEAD)))
    frames["head"] = frame
    return spine


def _hang_leg(  # noqa: PLR0913, PLR0917  a limb hangs from a side of a frame
    stance: Stance,
    side: str,
    sign: float,
    parent: Matrix,
    points: dict[str, Vector],
    frames: dict[str, Matrix],
) -> None:
    hip, knee, ankle = (stance.angles(f"{side}-{joint}") for joint in ("hip", "knee", "ankle"))
    thigh = chain(
        parent,
        about_x(sign * hip.abduction),
        about_y(-hip.flexion),
        about_z(sign * hip.rotation),
    )
    shank = chain(thigh, about_y(knee.flexion), about_x(-sign * knee.abduction))
    foot = chain(shank, about_y(-ankle.flexion), about_x(sign * ankle.abduction))
    if f"{side}-ankle" not in stance.joints and f"{side}-foot" in stance.contacts:
        foot = _lay_flat(foot)
    start = add(points["pelvis"], turn(frames["pelvis"], (0.0, sign * HIP_OFFSET, 0.0)))
    points[f"{side}-hip"] = start
    points[f"{side}-knee"] = add(start, turn(thigh, (0.0, 0.0, -THIGH)))
    points[f"{side}-ankle"] = add(points[f"{side}-knee"], turn(shank, (0.0, 0.0, -SHANK)))
    base = points[f"{side}-ankle"]
    points[f"{side}-heel"] = add(base, turn(foot, (-FOOT_BEHIND, 0.0, -ANKLE_HEIGHT)))
    points[f"{side}-ball"] = add(base, turn(foot, (0.7 * FOOT_AHEAD, 0.0, -ANKLE_HEIGHT)))
    points[f"{side}-toe"] = add(base, turn(foot, (FOOT_AHEAD, 0.0, -ANKLE_HEIGHT)))
    frames[f"{side}-thigh"], frames[f"{side}-shank"], frames[f"{side}-foot"] = thigh, shank, foot


def _lay_flat(foot: Matrix) -> Matrix:
    """Return the foot's frame turned about its own direction on the floor until the sole lies."""
    from math import atan2, degrees

    forward = (foot[0][0], foot[1][0], foot[2][0])
    return about_z(degrees(atan2(forward[1], forward[0])))


def _hang_arm(
    stance: Stance, side: str, sign: float, points: dict[str, Vector], frames: dict[str, Matrix]
) -> None:
    shoulder, elbow, wrist = (
        stance.angles(f"{side}-{joint}") for joint in ("shoulder", "elbow", "wrist")
    )
    chest = frames["thoracic"]
    upper = chain(
        chest,
        about_x(sign * shoulder.abduction),
        about_y(-shoulder.flexion),
        about_z(sign * shoulder.rotation),
    )
    fore = chain(upper, about_y(-elbow.flexion))
    hand = chain(fore, about_y(-wrist.flexion))
    start = add(points["thoracic"], turn(chest, (0.0, sign * SHOULDER_OFFSET, -SHOULDER_DROP)))
    points[f"{side}-shoulder"] = start
    points[f"{side}-elbow"] = add(start, turn(upper, (0.0, 0.0, -UPPER_ARM)))
    points[f"{side}-wrist"] = add(points[f"{side}-elbow"], turn(fore, (0.0, 0.0, -FOREARM)))
    points[f"{side}-hand"] = add(points[f"{side}-wrist"], turn(hand, (0.0, 0.0, -HAND)))
    frames[f"{side}-upper-arm"], frames[f"{side}-forearm"] = upper, fore
    frames[f"{side}-hand"] = hand
