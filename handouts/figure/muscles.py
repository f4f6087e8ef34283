"""Turn the names of working muscles into marks on the limb where they lie."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handouts.figure.mark import Look, Mark
from handouts.figure.outline import Circle, box_of, trace_limb

if TYPE_CHECKING:
    from handouts.figure.body import Viewer

# Each patch: the joint it hangs from, the frame it turns with, and balls in that frame
# (forwards, up, radius) in thousandths of the height; {side} is filled in.
_Patch = tuple[str, str, tuple[tuple[float, float, float], ...]]
_PATCHES: dict[str, _Patch] = {
    "gluteus-maximus": (
        "{side}-hip", "pelvis", ((-34.0, 34.0, 22.0), (-42.0, 4.0, 26.0), (-36.0, -28.0, 20.0)),
    ),
    "hamstrings": (
        "{side}-hip", "{side}-thigh", ((-40.0, -78.0, 17.0), (-34.0, -135.0, 17.0), (-24.0, -205.0, 12.0)),
    ),
    "quadriceps": (
        "{side}-hip", "{side}-thigh", ((34.0, -62.0, 17.0), (36.0, -125.0, 19.0), (26.0, -205.0, 12.0)),
    ),
    "hip-flexors": (
        "{side}-hip", "{side}-thigh", ((34.0, 26.0, 13.0), (40.0, -12.0, 16.0), (34.0, -44.0, 12.0)),
    ),
    "calf-muscles": (
        "{side}-knee", "{side}-shank", ((-30.0, -46.0, 13.0), (-34.0, -88.0, 13.0), (-20.0, -140.0, 8.0)),
    ),
    "tibialis-anterior": (
        "{side}-knee", "{side}-shank", ((16.0, -50.0, 10.0), (14.0, -100.0, 10.0), (10.0, -160.0, 7.0)),
    ),
    "erector-spinae": (
        "pelvis", "pelvis", ((-50.0, 40.0, 12.0), (-46.0, 80.0, 13.0), (-48.0, 120.0, 13.0)),
    ),
    "rectus-abdominis": (
        "pelvis", "pelvis", ((44.0, 40.0, 12.0), (46.0, 90.0, 13.0), (50.0, 130.0, 13.0)),
    ),
}
_SAME = {
    "gastrocnemius": "calf-muscles",
    "soleus": "calf-muscles",
    "lower-back": "erector-spinae",
    "transverse-abdominis": "rectus-abdominis",
    "obliques": "rectus-abdominis",
    "biceps-femoris": "hamstrings",
    "semitendinosus": "hamstrings",
    "semimembranosus": "hamstrings",
}


def draw_muscles(names: tuple[str, ...], side: str, view: Viewer) -> dict[str, list[Mark]]:
    """Return the marks of the muscles by the part of the body that they lie on."""
    found: dict[str, list[Mark]] = {}
    for name in names:
        patch = _PATCHES.get(_SAME.get(name, name))
        if patch is None:
            continue
        joint, frame, balls = patch
        circles: list[Circle] = [
            view.beside(joint.format(side=side), frame.format(side=side), (ahead, 0.0, up), radius)
            for ahead, up, radius in balls
        ]
        part = "trunk" if joint == "pelvis" else f"{side}-leg"
        mark = Mark(Look.MUSCLE, trace_limb(circles), box_of(circles))
        found.setdefault(part, []).append(mark)
    return found
