"""Turn what a file of poses says, a trainer's own or the shipped gallery, into frozen types."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, get_args

from pydantic import Field

from handouts.model.base import Frozen, Line, Slug, Text
from handouts.model.pose import Angles, Joints, Pose

if TYPE_CHECKING:
    from collections.abc import Iterator


class PoseFile(Frozen):
    """Poses in a file of their own, by name."""

    figures: Annotated[dict[Slug, Pose], Field(min_length=1, max_length=40)]


class GallerySection(Frozen):
    """Poses that show one part of the format."""

    title: Line
    about: Text
    figures: Annotated[dict[Slug, Pose], Field(min_length=1, max_length=40)]


class Gallery(Frozen):
    """Every base, thing, view and mark, each in a pose that shows it."""

    title: Line
    about: Text
    sections: Annotated[tuple[GallerySection, ...], Field(min_length=1)]


class JointLimits(Frozen):
    """How far a joint goes, in degrees: lowest and highest; None where it does not go at all."""

    joint: str
    flexion: tuple[float, float] | None
    abduction: tuple[float, float] | None
    rotation: tuple[float, float] | None


def list_limits() -> list[JointLimits]:
    """Return the limits of every joint, both sides of a limb in one, as ``Joints`` checks them."""
    limits = []
    for name, field in Joints.model_fields.items():
        if name.startswith(("left_", "right_")):
            continue
        model = next(kind for kind in _flatten(field.annotation) if issubclass(kind, Angles))
        ways = {way: _limit(model, way) for way in Angles.model_fields}
        limits.append(JointLimits(joint=name, **ways))
    return limits


def _flatten(annotation: Any) -> Iterator[type]:  # noqa: ANN401  any annotation
    if isinstance(annotation, type):
        yield annotation
    for part in get_args(annotation):
        yield from _flatten(part)


def _limit(model: type[Angles], way: str) -> tuple[float, float] | None:
    low = high = 0.0
    for limit in model.model_fields[way].metadata:
        low, high = getattr(limit, "ge", low), getattr(limit, "le", high)
    return (low, high) if (low, high) != (0.0, 0.0) else None
