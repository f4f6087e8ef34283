"""Turn two versions of a programme into pairs: which session, which prescription became which."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence

    from handouts.model.exercise import Exercise
    from handouts.model.programme import Prescription, Programme, Session

    Exercises: TypeAlias = Mapping[str, Exercise]

# A session that keeps half of its exercises under another name was renamed; else it is another one.
_ENOUGH_SHARED = 0.5
Pair: TypeAlias = "tuple[int | None, int | None]"
"""Positions of a session in the earlier and the later version, None where one lacks it."""


@dataclass(frozen=True, slots=True)
class Row:
    """A prescription and where it stands."""

    place: int
    """The session's position in the later version; before 0 for one that it lacks."""
    session: str
    prescription: Prescription
    programme: Programme
    exercise: Exercise


def list_rows(
    before: Programme,
    after: Programme,
    exercises_before: Exercises,
    exercises_after: Exercises,
    sessions: Iterable[Pair],
) -> tuple[list[Row], list[Row]]:
    """Return the prescriptions of both versions, in the order of their sessions."""
    later = {old: new for old, new in sessions if old is not None and new is not None}
    return (
        _list_rows(before, exercises_before, lambda n: later.get(n, -1 - n)),
        _list_rows(after, exercises_after, lambda n: n),
    )


def pair_sessions(before: Programme, after: Programme) -> list[Pair]:
    """Return each session with the one that it was: of its name, or else the likest."""
    waiting: dict[str, list[int]] = {}
    for n, session in enumerate(before.sessions):
        waiting.setdefault(flatten(session.name).casefold(), []).append(n)
    partner: dict[int, int] = {}
    for n, session in enumerate(after.sessions):
        if found := waiting.get(flatten(session.name).casefold()):
            partner[n] = found.pop(0)
    left = [n for n in range(len(before.sessions)) if n not in partner.values()]
    likest = sorted(
        (
            (-_share_exercises(before.sessions[old], session), new, old)
            for new, session in enumerate(after.sessions)
            for old in left
            if new not in partner
        )
    )
    for share, new, old in likest:
        if -share >= _ENOUGH_SHARED and new not in partner and old in left:
            partner[new] = old
            left.remove(old)
    return [
        *((old, None) for old in left),
        *((partner.get(n), n) for n in range(len(after.sessions))),
    ]


def _share_exercises(one: Session, other: Session) -> float:
    """Return which part of the exercises of two sessions is in both: 0 to 1."""
    first = {row.exercise for row in one.prescriptions}
    second = {row.exercise for row in other.prescriptions}
    return len(first & second) / len(first | second)


def _list_rows(
    programme: Programme, exercises: Exercises, find_place: Callable[[int], int]
) -> list[Row]:
    return [
        Row(find_place(n), session.name, row, programme, exercises[row.exercise])
        for n, session in enumerate(programme.sessions)
        for row in session.prescriptions
    ]


def pair_rows(before: Iterable[Row], after: Sequence[Row]) -> list[tuple[Row | None, Row | None]]:
    """Return each prescription with the one that it was: the likest of the same exercise."""
    likenesses: list[Callable[[Row], Hashable]] = [
        lambda row: (row.place, _identify(row), _fold_rung(row)),
        lambda row: (row.place, _identify(row)),
        lambda row: (row.place, row.prescription.exercise),
        lambda row: (_identify(row), _fold_rung(row)),
        _identify,
        lambda row: row.prescription.exercise,
    ]
    partner: dict[int, Row] = {}
    left = list(before)
    for likeness in likenesses:
        waiting: dict[Hashable, list[int]] = {}
        for n, row in enumerate(after):
            if n not in partner:
                waiting.setdefault(likeness(row), []).append(n)
        still_left = []
        for row in left:
            if found := waiting.get(likeness(row)):
                partner[found.pop(0)] = row
            else:
                still_left.append(row)
        left = still_left
    return [*((row, None) for row in left), *((partner.get(n), row) for n, row in enumerate(after))]


def _identify(row: Row) -> tuple[str, str | None]:
    return row.prescription.exercise, row.prescription.side


def _fold_rung(row: Row) -> str:
    return (row.prescription.rung or "").casefold()


def flatten(text: str | None) -> str:
    """Return the text in one line: where it is broken in the file is no change."""
    return " ".join((text or "").split())
