"""Turn a pose into the words that stand for its picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handouts.figure.bases import settle_pose
from handouts.model.pose import Gear, Side, Thing, View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from handouts.figure.bases import Stance
    from handouts.model.pose import Angles, Pose

_VIEWS = {
    View.SIDE: "seen from the side",
    View.FRONT: "seen from the front",
    View.REAR: "seen from behind",
    View.THREE_QUARTER: "seen half from the front",
}
_PLAIN = (Thing.FLOOR, Thing.MAT)
# Degrees; a smaller change is not worth a word.
_LEAST = 8.0
_SPINE = {"lumbar": "lower back", "thoracic": "upper back", "neck": "neck"}
_WAYS = {
    "flexion": ("bent", "stretched back"),
    "abduction": ("to the side", "across"),
    "rotation": ("turned out", "turned in"),
}
_SPINE_WAYS = {
    "flexion": ("bent forwards", "bent back"),
    "abduction": ("bent to the left", "bent to the right"),
    "rotation": ("turned to the left", "turned to the right"),
}


def describe_pose(pose: Pose) -> str:
    """Return what the picture of a pose shows: the pose's own words, or words from its data."""
    if pose.words:
        return pose.words
    stance = settle_pose(pose)
    parts = [
        f"{pose.base.replace('-', ' ').capitalize()}, {_VIEWS[stance.view]}",
        *_describe_joints(pose),
        *_describe_touch(stance),
        *_describe_gear(pose),
    ]
    return "; ".join(parts)


def _describe_joints(pose: Pose) -> Iterator[str]:
    angles = pose.joints.spread()
    for name, at in angles.items():
        side, _, joint = name.partition("-")
        if side == Side.RIGHT and angles.get(f"{Side.LEFT}-{joint}") == at:
            continue  # said with the left one
        both = side == Side.LEFT and angles.get(f"{Side.RIGHT}-{joint}") == at
        said = f"both {joint}s" if both else _SPINE.get(name, f"{side} {joint}")
        if ways := list(_describe_angles(at, _SPINE_WAYS if name in _SPINE else _WAYS)):
            yield f"{said} {' and '.join(ways)}"


def _describe_angles(at: Angles, ways: dict[str, tuple[str, str]]) -> Iterator[str]:
    for way, (forth, back) in ways.items():
        degrees = getattr(at, way)
        if abs(degrees) >= _LEAST:
            yield f"{forth if degrees > 0 else back} {abs(degrees):g}°"


def _describe_touch(stance: Stance) -> Iterator[str]:
    for part, thing in stance.contacts.items():
        if thing not in _PLAIN:
            yield f"{part.replace('-', ' ')} on the {thing}"


def _describe_gear(pose: Pose) -> Iterator[str]:
    for part, gear in pose.gear.items():
        named = gear.replace("-", " ")
        article = "an" if gear is Gear.ANKLE_WEIGHT else "a"
        yield f"{article} {named} on the {part.replace('-', ' ')}"
    if pose.band:
        one, other = (part.replace("-", " ") for part in pose.band)
        yield f"a band from the {one} to the {other}"
