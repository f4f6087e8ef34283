"""Turn the slug of a muscle into the parts of the body's outline where it lies."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from handouts.assets import BODIES

if TYPE_CHECKING:
    from handouts.model.pose import Build

Ring = tuple[tuple[int, int], ...]
"""A closed outline: x from the body's middle, negative on the viewer's left; y downwards."""

FRONT, BACK = "front", "back"
VIEWS = (FRONT, BACK)
HIGH = 1280
"""The box of each view is so high, and WIDE wide, with x = 0 in its middle."""
WIDE = 650

# Slug of muscles.yaml → views and parts (library/body/*.json); the label points at the first.
REGIONS: dict[str, tuple[str, ...]] = {
    "gluteus-maximus": ("back buttock",),
    "gluteus-medius": ("back upper-buttock",),
    "gluteus-minimus": ("back upper-buttock",),
    "hip-abductors": ("back upper-buttock",),
    "hip-adductors": ("front groin", "front inner-thigh", "back inner-thigh"),
    "hip-flexors": ("front sartorius", "front groin"),
    "iliopsoas": ("front groin",),
    "hip-rotators": ("back buttock",),
    "hamstrings": ("back hamstring-outer", "back hamstring-inner", "back hamstring-deep"),
    "biceps-femoris": ("back hamstring-outer",),
    "semitendinosus": ("back hamstring-inner",),
    "semimembranosus": ("back hamstring-deep",),
    "quadriceps": ("front thigh-middle", "front thigh-outer", "front thigh-inner"),
    "rectus-femoris": ("front thigh-middle",),
    "calves": ("back upper-calf", "back lower-calf", "front inner-calf"),
    "gastrocnemius": ("back upper-calf", "front inner-calf"),
    "soleus": ("back lower-calf",),
    "tibialis-anterior": ("front tibialis",),
    "tibialis-posterior": ("back lower-calf",),
    "peroneals": ("front peroneals",),
    "ankle-stabilisers": ("front tibialis", "front peroneals", "front ankles", "back lower-calf"),
    "foot-muscles": ("front feet", "back feet"),
    "core": ("front belly", "front lower-belly", "front obliques", "back low-back", "back waist"),
    "deep-core": ("front lower-belly", "back low-back"),
    "rectus-abdominis": ("front belly", "front lower-belly"),
    "obliques": ("front obliques",),
    "transverse-abdominis": ("front lower-belly",),
    # Neither shows from outside: they stay in the list of names.
    "pelvic-floor": (),
    "diaphragm": (),
    "erector-spinae": ("back spine",),
    "multifidus": ("back low-back",),
    "quadratus-lumborum": ("back waist",),
    "lower-back": ("back low-back", "back waist"),
    "upper-back": ("back trapezius", "back shoulder-blade"),
    "rhomboids": ("back trapezius",),
    "trapezius": ("back trapezius", "front trapezius"),
    "latissimus-dorsi": ("back broad-back",),
    "neck-muscles": ("back neck", "front neck"),
    "shoulders": ("front deltoids", "back deltoids"),
    "arms": ("front biceps", "front forearm", "front triceps", "back triceps", "back forearm"),
    "forearms": ("front forearm", "back forearm"),
    "pectorals": ("front chest",),
}

# One label may stand for several where room is scarce: after the vocabulary's Latin.
GROUPS: dict[str, frozenset[str]] = {
    "core": frozenset({"rectus-abdominis", "obliques", "transverse-abdominis", "deep-core"}),
    "ankle-stabilisers": frozenset({"peroneals", "tibialis-anterior", "gastrocnemius", "soleus"}),
    "calves": frozenset({"gastrocnemius", "soleus"}),
    "hamstrings": frozenset({"biceps-femoris", "semitendinosus", "semimembranosus"}),
    "hip-abductors": frozenset({"gluteus-medius", "gluteus-minimus"}),
    "lower-back": frozenset({"erector-spinae", "multifidus", "quadratus-lumborum"}),
    "upper-back": frozenset({"trapezius", "rhomboids"}),
    "arms": frozenset({"forearms"}),
}


@dataclass(frozen=True, slots=True)
class View:
    """One side of a body."""

    outline: Ring
    head: Ring
    hair: Ring
    parts: dict[str, tuple[Ring, ...]]
    """The rings of each part, on both sides of the middle; those on the viewer's left first."""


@lru_cache(maxsize=4)
def load_body(build: Build) -> dict[str, View]:
    """Return the front and the back of a body."""
    text = (BODIES / f"{build.value}.json").read_text(encoding="utf-8")
    return {view: _read_view(data) for view, data in json.loads(text).items()}


def _read_view(data: dict[str, object]) -> View:
    rows: dict[str, list[int]] = {name: row for name, row in data.items() if isinstance(row, list)}
    half = _ring(rows["outline"])
    parts: dict[str, tuple[Ring, ...]] = {}
    listed = data["parts"]
    assert isinstance(listed, dict)  # noqa: S101  the file is ours
    for name, left in listed.items():
        rings = tuple(_ring(row) for row in left)
        parts[name] = rings + tuple(mirror(ring) for ring in rings)
    return View(half + mirror(half), _ring(rows["head"]), _ring(rows["hair"]), parts)


def _ring(row: list[int]) -> Ring:
    return tuple(zip(row[::2], row[1::2], strict=True))


def mirror(ring: Ring) -> Ring:
    """Return the ring on the other side, in the reverse order."""
    return tuple((-x, y) for x, y in reversed(ring))
