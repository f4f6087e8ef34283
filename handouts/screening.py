"""Turn a programme and its clients' conditions into what each client must avoid, ask or adapt.

A precaution for a condition holds for everyone who has it or a case of it: one for a back problem
holds for a slipped disc. Where a client names only the wider condition ("back problem") and the
precaution is for a case of it, the client may have that case: what would be ``avoid`` is then
``ask-first``, never nothing. Pure: no file is read, and nothing is decided that the data does not
say.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from handouts.model.exercise import Direction, Level
from handouts.model.vocabulary import widen_condition
from handouts.problem import HandoutError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from handouts.model.client import Client
    from handouts.model.exercise import Exercise, Precaution, Progression
    from handouts.model.programme import Override, Programme
    from handouts.model.vocabulary import Condition

_WEIGHT = {Level.ADAPT: 1, Level.ASK_FIRST: 2, Level.AVOID: 3}


class Relation(StrEnum):
    """How the client's condition stands to the precaution's."""

    SAME = "same"
    CASE_OF = "case-of"
    """The client's condition is a case of the precaution's."""
    MAY_BE = "may-be"
    """The client named only a wider condition: it may be the precaution's."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One precaution that touches one condition of a client."""

    has: str
    """Slug of the client's condition."""
    precaution: Precaution
    relation: Relation
    level: Level
    """What it means for this client."""
    easier: Progression | None = None
    """The nearest easier rung, where the precaution itself names no alternative."""
    override: Override | None = None
    """The leave that clears an ``avoid``."""

    @property
    def blocks(self) -> bool:
        """Whether it keeps the client from the exercise."""
        return self.level is Level.AVOID and self.override is None


@dataclass(frozen=True, slots=True)
class Screened:
    """One cell of the matrix: an exercise of the programme, for one client."""

    client: Client
    exercise: Exercise
    findings: tuple[Finding, ...]
    """The gravest first."""

    @property
    def blocked(self) -> bool:
        """Whether the client must not be given the exercise."""
        return any(finding.blocks for finding in self.findings)

    @property
    def result(self) -> str:
        """The gravest level: avoid, cleared, ask-first, adapt, or ok where nothing was found."""
        if self.blocked:
            return str(Level.AVOID)
        if any(finding.override for finding in self.findings):
            return "cleared"
        return str(self.findings[0].level) if self.findings else "ok"


def screen_clients(
    programme: Programme,
    exercises: Mapping[str, Exercise],
    clients: Iterable[Client],
    conditions: Mapping[str, Condition],
) -> tuple[Screened, ...]:
    """Return the whole matrix: client by client, the exercises in the programme's order."""
    return tuple(
        cell
        for client in clients
        for cell in screen_client(programme, exercises, client, conditions)
    )


def screen_client(
    programme: Programme,
    exercises: Mapping[str, Exercise],
    client: Client,
    conditions: Mapping[str, Condition],
) -> tuple[Screened, ...]:
    """Return what the client's conditions mean for each exercise of the programme.

    Args:
        programme: says which exercises, and which overrides were given.
        exercises: each exercise of the programme by its slug.
        client: has conditions as slugs.
        conditions: the vocabulary.

    Raises:
        HandoutError: ``unknown-condition`` where the vocabulary lacks a condition of the client,
            of a precaution or of an override: it must not pass for none.
    """
    rows = [exercises[slug] for slug in programme.exercises()]
    named = [*client.conditions, *(override.condition for override in programme.overrides)]
    named += [precaution.condition for exercise in rows for precaution in exercise.avoid]
    for slug in named:
        if slug not in conditions:
            raise HandoutError.of(
                "unknown-condition",
                f'{client.id}: there is no condition "{slug[:60]}"',
                hint="conditions.yaml lists them all",
            )
    return tuple(
        Screened(client, exercise, _find(programme, exercise, client, conditions))
        for exercise in rows
    )


def _find(
    programme: Programme,
    exercise: Exercise,
    client: Client,
    conditions: Mapping[str, Condition],
) -> tuple[Finding, ...]:
    findings = []
    for has in dict.fromkeys(client.conditions):
        for precaution in exercise.avoid:
            relation = relate(has, precaution.condition, conditions)
            if relation is None:
                continue
            level = precaution.level
            if relation is Relation.MAY_BE and level is Level.AVOID:
                level = Level.ASK_FIRST
            easier = None
            if level is not Level.AVOID and precaution.instead is None:
                easier = _nearest_easier(exercise)
            override = None
            if level is Level.AVOID:
                override = _find_override(programme, exercise, client, has)
            findings.append(Finding(has, precaution, relation, level, easier, override))
    return tuple(sorted(findings, key=lambda found: (-_WEIGHT[found.level], not found.blocks)))


def relate(has: str, condition: str, conditions: Mapping[str, Condition]) -> Relation | None:
    """Return how a client's condition stands to a precaution's, None if neither is the wider."""
    if has == condition:
        return Relation.SAME
    if condition in widen_condition(conditions, has):
        return Relation.CASE_OF
    if has in widen_condition(conditions, condition):
        return Relation.MAY_BE
    return None


def _nearest_easier(exercise: Exercise) -> Progression | None:
    """Return the last easier rung: the ladder runs from the easiest to the hardest."""
    rungs = [rung for rung in exercise.progressions if rung.direction is Direction.EASIER]
    return rungs[-1] if rungs else None


def _find_override(
    programme: Programme, exercise: Exercise, client: Client, has: str
) -> Override | None:
    """Return the leave for just this: one given for a condition clears no other one."""
    wanted = (client.id, exercise.slug, has)
    return next(
        (
            override
            for override in programme.overrides
            if (override.client, override.exercise, override.condition) == wanted
        ),
        None,
    )


def find_unused_overrides(programme: Programme, cells: Iterable[Screened]) -> tuple[int, ...]:
    """Return the positions (from 0) of the overrides that clear nothing."""
    used = [finding.override for cell in cells for finding in cell.findings if finding.override]
    return tuple(n for n, override in enumerate(programme.overrides) if override not in used)


def explain_finding(finding: Finding, conditions: Mapping[str, Condition]) -> str:
    """Return the reason in a sentence or two, as the trainer reads it."""
    has, named = conditions[finding.has].name, conditions[finding.precaution.condition].name
    about = {
        Relation.SAME: has,
        Relation.CASE_OF: f"{has} (counts as {named})",
        Relation.MAY_BE: f"{has}, which may be {named}",
    }[finding.relation]
    said = [f"{about}: {finding.precaution.why}"]
    if finding.relation is Relation.MAY_BE and finding.precaution.level is Level.AVOID:
        said.append(f"Anyone with {named} must not do it: find out which it is.")
    if finding.precaution.instead:
        said.append(finding.precaution.instead)
    elif finding.easier:
        said.append(f"Easier: {finding.easier.name}.")
    if leave := finding.override:
        said.append(f"Cleared by {leave.cleared_by} on {leave.on.isoformat()}: {leave.why}")
    return " ".join(said)


def explain_blocks(
    cells: Iterable[Screened], conditions: Mapping[str, Condition]
) -> Iterator[Problem]:
    """Yield an error for every ``avoid`` that nobody has cleared; it stops a client's booklet."""
    for cell in cells:
        for finding in cell.findings:
            if finding.blocks:
                reason = explain_finding(finding, conditions)
                yield Problem(
                    "must-avoid",
                    f"{cell.client.id} must avoid {cell.exercise.slug}: {reason}",
                    hint="take it out of the programme, or record under overrides who cleared it",
                )
