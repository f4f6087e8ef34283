"""Turn the names of working muscles into marks on the limb where they lie."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import hypot
from typing import TYPE_CHECKING

from handouts.figure.mark import Look, Mark
from handouts.figure.outline import box_of, trace_limb, trace_line
from handouts.figure.skeleton import SIDES
from handouts.figure.space import turn

if TYPE_CHECKING:
    from handouts.figure.outline import Circle
    from handouts.figure.view import Viewer

_Ball = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class _Patch:
    """A mark on the skin, in thousandths of the height."""

    part: str
    """The piece of the body on which it is painted; {side} is filled in."""
    joint: str
    """The joint from which the balls are measured."""
    frame: str
    """The segment with which they turn."""
    balls: tuple[_Ball, ...]
    """Forwards, away from the midline, up, radius."""


_PATCHES = {
    "gluteus-maximus": _Patch(
        "seat",
        "{side}-hip",
        "pelvis",
        ((-30.0, 12.0, 40.0, 20.0), (-42.0, 8.0, 8.0, 30.0), (-34.0, 12.0, -30.0, 22.0)),
    ),
    "hip-abductors": _Patch(
        "seat",
        "{side}-hip",
        "pelvis",
        ((-6.0, 36.0, 48.0, 15.0), (-2.0, 44.0, 12.0, 17.0)),
    ),
    "hip-flexors": _Patch(
        "seat",
        "{side}-hip",
        "{side}-thigh",
        ((30.0, -4.0, 24.0, 14.0), (38.0, 2.0, -14.0, 16.0), (34.0, 2.0, -44.0, 12.0)),
    ),
    "hip-adductors": _Patch(
        "{side}-leg",
        "{side}-hip",
        "{side}-thigh",
        ((6.0, -34.0, -56.0, 12.0), (6.0, -32.0, -120.0, 11.0)),
    ),
    "hamstrings": _Patch(
        "{side}-leg",
        "{side}-hip",
        "{side}-thigh",
        ((-40.0, 0.0, -80.0, 20.0), (-32.0, 0.0, -140.0, 20.0), (-22.0, 0.0, -210.0, 14.0)),
    ),
    "quadriceps": _Patch(
        "{side}-leg",
        "{side}-hip",
        "{side}-thigh",
        ((32.0, 4.0, -62.0, 19.0), (32.0, 4.0, -130.0, 21.0), (22.0, 2.0, -208.0, 14.0)),
    ),
    "calves": _Patch(
        "{side}-leg",
        "{side}-knee",
        "{side}-shank",
        ((-28.0, 0.0, -40.0, 14.0), (-31.0, 0.0, -84.0, 16.0), (-18.0, 0.0, -146.0, 9.0)),
    ),
    "tibialis-anterior": _Patch(
        "{side}-leg",
        "{side}-knee",
        "{side}-shank",
        ((14.0, 6.0, -50.0, 11.0), (10.0, 6.0, -110.0, 11.0), (8.0, 2.0, -180.0, 8.0)),
    ),
    "peroneals": _Patch(
        "{side}-leg",
        "{side}-knee",
        "{side}-shank",
        ((-6.0, 26.0, -70.0, 9.0), (-8.0, 22.0, -140.0, 9.0), (-9.0, 16.0, -215.0, 7.0)),
    ),
    "ankle-stabilisers": _Patch(
        "{side}-leg",
        "{side}-ankle",
        "{side}-shank",
        ((2.0, 12.0, 52.0, 9.0), (2.0, 12.0, 4.0, 12.0)),
    ),
    "foot-muscles": _Patch(
        "{side}-shoe",
        "{side}-ankle",
        "{side}-foot",
        ((0.0, 8.0, -26.0, 8.0), (60.0, 8.0, -28.0, 7.0)),
    ),
    "erector-spinae": _Patch(
        "trunk",
        "lumbar",
        "lumbar",
        ((-44.0, 20.0, -72.0, 14.0), (-42.0, 20.0, -24.0, 15.0), (-46.0, 20.0, 36.0, 13.0)),
    ),
    "rectus-abdominis": _Patch(
        "trunk",
        "lumbar",
        "lumbar",
        ((42.0, 16.0, -64.0, 14.0), (44.0, 16.0, -20.0, 15.0), (50.0, 16.0, 30.0, 14.0)),
    ),
    "obliques": _Patch(
        "trunk",
        "lumbar",
        "lumbar",
        ((14.0, 60.0, -62.0, 14.0), (6.0, 64.0, -10.0, 16.0)),
    ),
    "upper-back": _Patch(
        "trunk",
        "thoracic",
        "thoracic",
        ((-40.0, 30.0, -18.0, 14.0), (-50.0, 38.0, -60.0, 20.0), (-50.0, 34.0, -104.0, 16.0)),
    ),
    "latissimus-dorsi": _Patch(
        "trunk",
        "thoracic",
        "thoracic",
        ((-34.0, 62.0, -80.0, 20.0), (-36.0, 44.0, -140.0, 16.0)),
    ),
    "pectorals": _Patch(
        "trunk",
        "thoracic",
        "thoracic",
        ((50.0, 26.0, -62.0, 18.0), (46.0, 66.0, -52.0, 15.0)),
    ),
    "shoulders": _Patch(
        "{side}-sleeve",
        "{side}-shoulder",
        "{side}-upper-arm",
        ((0.0, 12.0, -6.0, 18.0), (0.0, 10.0, -52.0, 12.0)),
    ),
    "arms": _Patch(
        "{side}-sleeve",
        "{side}-shoulder",
        "{side}-upper-arm",
        ((10.0, 0.0, -86.0, 13.0), (10.0, 0.0, -136.0, 13.0)),
    ),
    "forearms": _Patch(
        "{side}-sleeve",
        "{side}-elbow",
        "{side}-forearm",
        ((2.0, 0.0, -30.0, 13.0), (0.0, 0.0, -90.0, 10.0)),
    ),
}
_SAME = {
    "gluteus-medius": "hip-abductors",
    "gluteus-minimus": "hip-abductors",
    "iliopsoas": "hip-flexors",
    "biceps-femoris": "hamstrings",
    "semitendinosus": "hamstrings",
    "semimembranosus": "hamstrings",
    "rectus-femoris": "quadriceps",
    "gastrocnemius": "calves",
    "soleus": "calves",
    "core": "rectus-abdominis",
    "transverse-abdominis": "rectus-abdominis",
    "lower-back": "erector-spinae",
    "multifidus": "erector-spinae",
    "quadratus-lumborum": "erector-spinae",
    "rhomboids": "upper-back",
    "trapezius": "upper-back",
}
_FIBRE = 0.32
"""How far from its middle line a patch's strokes run, as a share of its half width."""
_BROAD = 44.0
"""A patch so wide has two strokes."""
_SHORT = 12.0
"""A stroke shorter than this is left out."""
_HIDDEN = -12.0
"""A patch whose middle lies so much deeper than its joint is on the side turned away."""


def draw_muscles(names: tuple[str, ...], side: str, view: Viewer) -> dict[str, list[Mark]]:
    """Return the marks of the muscles by the part of the body that they lie on."""
    found: dict[str, list[Mark]] = {}
    for name in dict.fromkeys(_SAME.get(name, name) for name in names):
        patch = _PATCHES.get(name)
        if patch is None:
            continue
        joint, frame = patch.joint.format(side=side), patch.frame.format(side=side)
        balls = [(ahead, SIDES[side] * out, up, r) for ahead, out, up, r in patch.balls]
        if sum(_nearness(view, frame, ball) for ball in balls) / len(balls) < _HIDDEN:
            continue
        circles = [view.beside(joint, frame, ball[:3], ball[3]) for ball in balls]
        path = trace_limb(circles) + "".join(_draw_fibres(circles))
        mark = Mark(Look.MUSCLE, path, box_of(circles))
        found.setdefault(patch.part.format(side=side), []).append(mark)
    return found


def _draw_fibres(circles: list[Circle]) -> list[str]:
    """Return strokes along the patch, so that it is no mere colour."""
    fibres = []
    for (ax, ay, ar), (bx, by, br) in pairwise(circles):
        far = hypot(bx - ax, by - ay)
        if far < _SHORT:
            continue
        x, y = (by - ay) / far, (ax - bx) / far
        for side in (-_FIBRE, _FIBRE) if ar + br > _BROAD else (0.0,):
            a, b = side * ar, side * br
            fibres.append(trace_line([(ax + a * x, ay + a * y), (bx + b * x, by + b * y)]))
    return fibres


def _nearness(view: Viewer, frame: str, ball: _Ball) -> float:
    return view.camera.depth(turn(view.skeleton.frames[frame], (ball[0], ball[1], 0.0)))
