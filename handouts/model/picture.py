"""Turn what stands for a picture, a pose's name or a photo, into a frozen value."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import BeforeValidator, model_validator
from pydantic_core import PydanticCustomError

from handouts.model.base import Frozen, Line, Slug, SlugOrMapping, Text


class Figure(Frozen):
    """A picture: drawn from one of the exercise's poses, or a photo of the trainer's own."""

    drawn: Slug | None = None
    """The pose's name in ``figures``."""
    file: Line | None = None
    """Path inside the workspace: PNG, JPEG, WebP or SVG."""
    alt: Text | None = None
    """What the photo shows, for those who cannot see it."""

    @model_validator(mode="after")
    def _is_one_of_both(self) -> Self:
        if bool(self.drawn) == bool(self.file) or bool(self.file) != bool(self.alt):
            raise PydanticCustomError(
                "bad-figure",
                "a picture is the name of a pose, or a file with the words that stand for it",
                {"hint": "write hold, or {file: images/hold.jpg, alt: What the photo shows}"},
            )
        return self


def _from_name(value: Any) -> Any:  # noqa: ANN401  pydantic hands over what was typed
    return {"drawn": value} if isinstance(value, str) else value


# A bare slug is the short form of {drawn: slug}.
FigureEntry = Annotated[Figure, BeforeValidator(_from_name), SlugOrMapping]


class FigurePair(Frozen):
    """The wrong way and the right way, side by side."""

    wrong: FigureEntry | None = None
    right: FigureEntry | None = None
