"""Turn the names of conditions, muscles and general precautions into shared vocabulary entries."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from handouts.model.base import Frozen, Line, Lines, Slug, Text

if TYPE_CHECKING:
    from collections.abc import Mapping


class Region(StrEnum):
    """The part of the body where a muscle lies."""

    NECK = "neck"
    SHOULDER = "shoulder"
    ARM = "arm"
    CHEST = "chest"
    BACK = "back"
    TRUNK = "trunk"
    HIP = "hip"
    THIGH = "thigh"
    LOWER_LEG = "lower-leg"
    FOOT = "foot"


class Muscle(Frozen):
    """A muscle or muscle group, as the client calls it and as anatomy does."""

    name: Line
    """Plain name, as printed: Buttock muscle."""
    latin: Line
    """Anatomical name: Gluteus maximus."""
    region: Region
    synonyms: Lines = ()


class Condition(Frozen):
    """A state of health that a client may have and a precaution may name."""

    name: Line
    """Plain name, as printed: New or sharp low back pain."""
    medical: Line
    """Medical name: Acute low back pain."""
    synonyms: Lines = ()
    parents: tuple[Slug, ...] = ()
    """Wider conditions that this one is a case of."""


def widen_condition(conditions: Mapping[str, Condition], slug: str) -> list[str]:
    """Return the condition itself and all wider ones, nearest first; no condition, no list."""
    found: dict[str, None] = {}
    waiting = [slug]
    while waiting:
        name = waiting.pop(0)
        condition = conditions.get(name)
        if condition is not None and name not in found:
            found[name] = None
            waiting += condition.parents
    return list(found)


class GeneralPrecaution(Frozen):
    """A precaution that no exercise's source states: always "ask first", never more."""

    condition: Slug
    why: Text
    instead: Text | None = None


class Conditions(Frozen):
    """The file ``conditions.yaml``: every condition by its slug."""

    conditions: dict[Slug, Condition]


class Muscles(Frozen):
    """The file ``muscles.yaml``: every muscle by its slug."""

    muscles: dict[Slug, Muscle]


class GeneralPrecautions(Frozen):
    """The file ``precautions.yaml``: the shared list of general precautions."""

    precautions: tuple[GeneralPrecaution, ...]
