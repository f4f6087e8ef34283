"""Turn the name of a base pose and a few changes into a whole pose."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from handouts.model.pose import Angles, Base, Pose

if TYPE_CHECKING:
    from handouts.model.pose import PartName, Thing, View

_FEET = {"left-foot": "floor", "right-foot": "floor"}
_EASY_ARMS = {"shoulders": {"flexion": 2, "abduction": 7}, "elbows": 14}

# Each is the position that the exercise begins from, drawn from the view that shows it best.
BASES: dict[Base, dict[str, Any]] = {
    Base.STANDING: {"joints": {**_EASY_ARMS}, "contacts": _FEET},
    Base.HINGE: {
        "lean": 62,
        "joints": {"hips": 86, "knees": 24, "neck": -18, "shoulders": 60, "elbows": 4},
        "contacts": _FEET,
    },
    Base.SQUAT: {
        "lean": 38,
        "joints": {"hips": 108, "knees": 100, "neck": -20, "shoulders": 88, "elbows": 4},
        "contacts": _FEET,
    },
    Base.HALF_KNEELING: {
        "joints": {
            **_EASY_ARMS,
            "right-hip": 90,
            "right-knee": 90,
            "left-hip": -4,
            "left-knee": 84,
            "left-ankle": -54,
        },
        "contacts": {"right-foot": "floor", "left-knee": "mat"},
    },
    Base.TALL_KNEELING: {
        "joints": {**_EASY_ARMS, "knees": 87, "ankles": -54},
        "contacts": {"left-knee": "mat", "right-knee": "mat"},
    },
    Base.QUADRUPED: {
        "lean": 76,
        "joints": {
            "hips": 76,
            "knees": 87,
            "ankles": -54,
            "shoulders": 76,
            "wrists": -80,
            "neck": 4,
        },
        "contacts": {
            "left-knee": "mat",
            "right-knee": "mat",
            "left-hand": "mat",
            "right-hand": "mat",
        },
    },
    Base.SEATED: {
        "joints": {
            "hips": 90,
            "knees": 90,
            "shoulders": {"flexion": 18, "abduction": 6},
            "elbows": 52,
        },
        "contacts": {**_FEET, "seat": "chair"},
    },
    Base.SUPINE: {
        "lean": -90,
        "joints": {"shoulders": {"flexion": -2, "abduction": 14}, "ankles": -30, "neck": 4},
        "contacts": {"back": "mat"},
    },
    Base.HOOK_LYING: {
        "lean": -90,
        "joints": {
            "hips": 50,
            "knees": 110,
            "shoulders": {"flexion": -2, "abduction": 14},
            "neck": 4,
        },
        "contacts": {"back": "mat", "left-foot": "mat", "right-foot": "mat"},
    },
    Base.BRIDGE: {
        "lean": -118,
        "joints": {"hips": -4, "knees": 84, "shoulders": -24, "neck": 50},
        "contacts": {"left-foot": "mat", "right-foot": "mat", "upper-back": "mat"},
    },
    Base.HIP_THRUST: {
        "lean": -90,
        "joints": {
            "hips": 0,
            "knees": 90,
            "shoulders": {"flexion": 0, "abduction": 70},
            "neck": 26,
        },
        "contacts": {"left-foot": "floor", "right-foot": "floor", "upper-back": "bench"},
    },
    Base.SIDE_LYING: {
        "tilt": 90,
        "view": "front",
        "joints": {"left-shoulder": {"flexion": 35}, "left-elbow": 60, "right-shoulder": 150},
        "contacts": {"right-side": "mat"},
    },
    Base.PRONE: {
        "lean": 90,
        "joints": {
            "shoulders": {"flexion": 150, "abduction": 10},
            "elbows": 30,
            "ankles": -45,
            "neck": -6,
        },
        "contacts": {"belly": "mat"},
    },
    Base.PLANK: {
        "lean": 84,
        "joints": {"hips": 0, "ankles": 8, "shoulders": 84, "elbows": 90, "neck": -6},
        "contacts": {
            "left-elbow": "mat",
            "right-elbow": "mat",
            "left-toes": "mat",
            "right-toes": "mat",
        },
    },
}


_AT_REST = Angles()


@dataclass(frozen=True, slots=True)
class Stance:
    """A whole pose: every angle and contact said, whichever base it began from."""

    pose: Pose
    """What else the picture has: gear, guides, arrows, muscles."""
    view: View
    joints: dict[str, Angles]
    lean: float
    tilt: float
    turn: float
    contacts: dict[PartName, Thing]

    def angles(self, joint: str) -> Angles:
        """Return a joint's angles; one that is not named is at rest."""
        return self.joints.get(joint, _AT_REST)


def settle_pose(pose: Pose) -> Stance:
    """Return the pose with its base's angles and contacts put in, and both sides named."""
    base = _base(pose.base)
    return Stance(
        pose,
        view=pose.view if "view" in pose.model_fields_set else base.view,
        joints={**base.joints.spread(), **pose.joints.spread()},
        lean=_first(pose.lean, base.lean),
        tilt=_first(pose.tilt, base.tilt),
        turn=_first(pose.turn, base.turn),
        contacts=(base.contacts or {}) if pose.contacts is None else pose.contacts,
    )


@cache
def _base(name: Base) -> Pose:
    return Pose.model_validate(BASES[name])


def _first(said: float | None, otherwise: float | None) -> float:
    return said if said is not None else otherwise or 0.0
