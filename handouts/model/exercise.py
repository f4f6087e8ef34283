"""Turn one exercise's data into a frozen value: what to do, what goes wrong, who should not."""

from __future__ import annotations

import re
from datetime import date
from enum import StrEnum
from typing import Annotated, Any

from pydantic import (
    BeforeValidator,
    ConfigDict,
    Field,
    HttpUrl,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from handouts.model.base import Frozen, Line, Lines, Slug, SlugOrMapping, Text
from handouts.model.dose import Dose
from handouts.model.picture import Figure, FigureEntry, FigurePair
from handouts.model.pose import Pose

CUES = 3
"""Lines that a card has room for, and a mind."""


class Position(StrEnum):
    """The body's position; booklets order exercises by it, lowest first."""

    LYING = "lying"
    SITTING = "sitting"
    KNEELING = "kneeling"
    STANDING = "standing"
    MOVING = "moving"


class Direction(StrEnum):
    """Which way a rung of the ladder leads from the exercise itself."""

    EASIER = "easier"
    HARDER = "harder"
    OTHER = "other"
    """A different way or a sister exercise, neither easier nor harder by the source."""


class Level(StrEnum):
    """What a person with the condition should do."""

    AVOID = "avoid"
    ASK_FIRST = "ask-first"
    ADAPT = "adapt"


class Basis(StrEnum):
    """Where a precaution comes from."""

    SOURCE = "source"
    """The exercise's own source states it."""
    GENERAL = "general"
    """The shared list of general precautions; always ``ask-first``."""


class Purpose(StrEnum):
    """What a dose is for."""

    START = "start"
    GENERAL = "general"
    WARM_UP = "warm-up"
    STRENGTH = "strength"
    ENDURANCE = "endurance"
    BALANCE = "balance"
    MOBILITY = "mobility"
    COOL_DOWN = "cool-down"


class Equipment(Frozen):
    """What the client must have, and what may help."""

    needed: Lines = ()
    optional: Lines = ()


class MuscleRole(Frozen):
    """A muscle and what it does in this exercise."""

    muscle: Slug
    does: Text | None = None


def _from_slug(value: Any) -> Any:  # noqa: ANN401  pydantic hands over whatever was typed
    return {"muscle": value} if isinstance(value, str) else value


# A bare slug is the short form of {muscle: slug}.
MuscleEntry = Annotated[MuscleRole, BeforeValidator(_from_slug), SlugOrMapping]


class MuscleWork(Frozen):
    """Which muscles work, by role."""

    primary: tuple[MuscleEntry, ...] = Field(min_length=1)
    assisting: tuple[MuscleEntry, ...] = ()
    stabilisers: tuple[MuscleEntry, ...] = ()


class Benefit(Frozen):
    """One thing that the exercise is good for."""

    name: Line
    how: Text | None = None


class Step(Frozen):
    """One numbered action: what to do, and the few words said with it."""

    title: Line
    do: Lines = Field(min_length=1)
    """Short sentences, second person, one action each."""
    cues: Lines = ()
    """Things to feel, look at or think of while doing it."""
    figure: FigureEntry | None = None


class CommonError(Frozen):
    """What goes wrong, how it looks, and how to mend it."""

    name: Line
    looks_like: Text
    why: Text | None = None
    """What it costs: the risk or the lost effect."""
    correction: Text
    figures: FigurePair = FigurePair()


class Progression(Frozen):
    """A rung of the ladder: the exercise made easier, harder or different."""

    name: Line
    direction: Direction
    how: Text
    why: Text | None = None
    """What this rung is good for."""
    ready_when: Text | None = None
    """The criterion for taking it."""
    dose: Dose | None = None
    figure: FigureEntry | None = None


class Precaution(Frozen):
    """One row of the who-should-avoid box."""

    model_config = ConfigDict(json_schema_extra={"required": ["condition"]})

    condition: Slug
    level: Level
    why: Text
    """Left out for ``basis: general``: the shared list gives it."""
    instead: Text | None = None
    basis: Basis = Basis.SOURCE


class Suits(Frozen):
    """A kind of person whom the exercise suits."""

    who: Line
    why: Text | None = None


class RoutineSlot(Frozen):
    """Where the exercise fits in a routine."""

    when: Line
    how: Text


class Question(Frozen):
    """A question that clients ask, and its answer."""

    ask: Line
    answer: Text


class Source(Frozen):
    """Where the facts come from."""

    title: Line
    publisher: Line | None = None
    author: Line | None = None
    url: HttpUrl | None = None


def only_iso(value: Any) -> Any:  # noqa: ANN401  pydantic hands over whatever was typed
    """Return what was typed for a date if it is written as one.

    Raises:
        PydanticCustomError: ``bad-date``.
    """
    # pydantic would take "20" for 20 seconds after 1 January 1970.
    if isinstance(value, str) and not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value.strip()):
        raise PydanticCustomError(
            "bad-date",
            '"{typed}" is not a date',
            {"typed": value[:40], "hint": "write year, month and day: 2026-11-20"},
        )
    return value


class Review(Frozen):
    """Who last checked the exercise's content, and when."""

    by: Line
    on: Annotated[date, BeforeValidator(only_iso)]


class Exercise(Frozen):
    """Everything a handout can say about one exercise."""

    slug: Annotated[Slug, WithJsonSchema({})] = Field(exclude=True)
    """The file's name without ``.yaml``; never a key in the file."""
    language: Annotated[
        str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", examples=["en", "pt-BR"])
    ] = "en"
    """BCP 47 tag of the text; the printed headings follow it."""
    name: Line
    aliases: Lines = ()
    summary: Text
    """One or two plain sentences: what it is and what it is for."""
    position: Position
    equipment: Equipment = Equipment()
    muscles: MuscleWork
    about: Lines = ()
    """Background worth knowing: what it is called, how it differs from its sisters."""
    benefits: Annotated[tuple[Benefit, ...], Field(max_length=40)] = ()
    steps: Annotated[tuple[Step, ...], Field(min_length=1, max_length=20)]
    cues: Annotated[tuple[Line, ...], Field(max_length=CUES)] = ()
    """The three things to think of, for a card; left out, the steps' own are taken."""
    figure: FigureEntry | None = None
    """The picture that stands for the whole exercise; left out, a step's is taken."""
    tips: Lines = ()
    """Advice for the whole movement, not for one step."""
    breathing: Text | None = None
    errors: Annotated[tuple[CommonError, ...], Field(max_length=20)] = ()
    progressions: Annotated[tuple[Progression, ...], Field(max_length=20)] = ()
    """From the easiest to the hardest; the exercise itself stands where the direction turns."""
    avoid: Annotated[tuple[Precaution, ...], Field(max_length=30)]
    suits: Annotated[tuple[Suits, ...], Field(max_length=20)] = ()
    dose: dict[Purpose, Dose] = Field(default={})
    """How much, by purpose; where it is empty the handout prints a line to write on."""
    routine: Annotated[tuple[RoutineSlot, ...], Field(max_length=20)] = ()
    safety: Lines = ()
    stop_if: Lines = ()
    questions: Annotated[tuple[Question, ...], Field(max_length=40)] = ()
    remember: Lines = ()
    """The take-aways."""
    video: HttpUrl | None = None
    figures: Annotated[dict[Slug, Pose], Field(max_length=40)] = {}  # noqa: RUF012  frozen
    """The poses that the pictures are drawn from, by name."""
    sources: Annotated[tuple[Source, ...], Field(max_length=20)] = ()
    version: Annotated[int, Field(ge=1)] = 1
    reviewed: Review | None = None

    def used_figures(self) -> list[tuple[tuple[str | int, ...], Figure]]:
        """Return every picture of the page with its key path, in the order of the page."""
        found: list[tuple[tuple[str | int, ...], Figure | None]] = [
            (("steps", n, "figure"), step.figure) for n, step in enumerate(self.steps)
        ]
        for n, error in enumerate(self.errors):
            found.append((("errors", n, "figures", "wrong"), error.figures.wrong))
            found.append((("errors", n, "figures", "right"), error.figures.right))
        for n, rung in enumerate(self.progressions):
            found.append((("progressions", n, "figure"), rung.figure))
        found.append((("figure",), self.figure))
        return [(path, figure) for path, figure in found if figure]

    def emblem(self) -> Figure | None:
        """Return the picture that stands for the exercise: its own, or that of a late step."""
        shown = [step.figure for step in self.steps if step.figure]
        return self.figure or (shown[len(shown) // 2] if shown else None)

    def short_cues(self) -> tuple[str, ...]:
        """Return three lines to think of: its own, or the steps' cues, or the steps' titles."""
        said = self.cues or tuple(cue for step in self.steps for cue in step.cues)
        if not self.cues and len(said) < CUES:
            said = tuple(step.title for step in self.steps)
        return said[:CUES]

    def picture_files(self) -> list[str]:
        """Return the file of every photo that the exercise names, in the order of the page."""
        return [figure.file for _, figure in self.used_figures() if figure.file]
