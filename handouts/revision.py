"""Turn two versions of a programme into what has changed for the client, what matters most first.

Compared is what is meant in each week, not how it is written: another purpose with an equal dose is
no change, and a dose that changed in the exercise's own file is one. Pure: no file is read, and
nothing here is in any language.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, TypeVar

from handouts.model.change import (
    KINDS,
    About,
    Added,
    DaysChanged,
    DoseChanged,
    GoalChanged,
    LeftOut,
    Moved,
    NoteChanged,
    OverrideGiven,
    OverrideWithdrawn,
    ReadyChanged,
    RungChanged,
    SessionAdded,
    SessionRemoved,
    SessionRenamed,
    SideChanged,
    WeeksChanged,
)
from handouts.model.pairing import flatten, list_rows, pair_rows, pair_sessions
from handouts.model.programme import prescribe_changes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from handouts.model.change import Change, Detail
    from handouts.model.dose import Dose
    from handouts.model.pairing import Exercises, Pair, Row
    from handouts.model.programme import Override, Prescribed, Programme

T = TypeVar("T")


def compare_programmes(
    before: Programme, after: Programme, exercises_before: Exercises, exercises_after: Exercises
) -> tuple[Change, ...]:
    """Return what has changed, what matters most to the client first.

    Args:
        before: the earlier version.
        after: the later version.
        exercises_before: each exercise of the earlier version by its slug, as it was then.
        exercises_after: each exercise of the later version by its slug.

    Returns:
        Changes by kind, those of one kind in the programme's order. None for equal programmes.
        What a clinician has cleared or no longer clears is there for every client.

    Raises:
        KeyError: an exercise, its dose or its rung is not there; checked programmes have them.
    """
    sessions = pair_sessions(before, after)
    rows = list_rows(before, after, exercises_before, exercises_after, sessions)
    changes: list[Change] = []
    for old, new in pair_rows(*rows):
        if new is None:
            changes += [LeftOut(_describe_row(old, *rows))] if old else []
        elif old is None:
            changes.append(Added(_describe_row(new, *rows)))
        else:
            changes += _compare_rows(_describe_row(new, *rows), old, new)
    changes += _compare_overrides(before, after, exercises_after)
    changes += _compare_sessions(before, after, sessions)
    if before.weeks != after.weeks:
        changes.append(WeeksChanged(before.weeks, after.weeks))
    if flatten(before.goal) != flatten(after.goal):
        changes.append(GoalChanged(before.goal, after.goal))
    return tuple(sorted(changes, key=_weigh))


def _weigh(change: Change) -> int:
    """Return how far down a change stands; whatever begins in a later week stands together."""
    later_week = isinstance(change, DoseChanged | RungChanged) and change.week > 1
    return KINDS.index(ReadyChanged if later_week else type(change))


def _describe_row(row: Row, before: Iterable[Row], after: Iterable[Row]) -> About:
    """Return what tells the prescription from all others of both versions."""
    said = row.prescription
    in_many, has_twin = False, False
    for rows in (before, after):
        same = [other for other in rows if other.prescription.exercise == said.exercise]
        in_many |= len({other.place for other in same}) > 1
        twins = Counter((other.place, other.prescription.side) for other in same)
        has_twin |= twins[row.place, said.side] > 1
    return About(
        said.exercise,
        row.exercise.name,
        said.side,
        row.session if in_many else None,
        said.rung if has_twin else None,
    )


def _compare_rows(about: About, old: Row, new: Row) -> list[Detail]:
    was, now = old.prescription, new.prescription
    steps_before, steps_after = _spread_weeks(old), _spread_weeks(new)
    other_side = was.side != now.side  # then "each leg" comes or goes with it
    doses_before = [_mean_dose(step, other_side=other_side) for step in steps_before]
    doses_after = [_mean_dose(step, other_side=other_side) for step in steps_after]
    rungs_before = [step.rung.name if step.rung else None for step in steps_before]
    rungs_after = [step.rung.name if step.rung else None for step in steps_after]
    details: list[Detail] = []
    for week, dose_before, dose_after in _find_shifts(doses_before, doses_after, lambda dose: dose):
        is_new = week > len(steps_before)
        details.append(DoseChanged(about, week, dose_before, dose_after, is_new))
    for week, rung_before, rung_after in _find_shifts(
        rungs_before, rungs_after, lambda name: name and name.casefold()
    ):
        is_new = week > len(steps_before)
        details.append(RungChanged(about, week, rung_before, rung_after, is_new))
    details += _compare_criteria(about, old, new)
    details.sort(key=lambda detail: getattr(detail, "week", 0))
    if other_side:
        details.append(SideChanged(about, was.side, now.side))
    if flatten(was.note) != flatten(now.note):
        details.append(NoteChanged(about, was.note, now.note))
    if old.place != new.place:
        details.append(Moved(about, old.session, new.session))
    return details


def _mean_dose(step: Prescribed, *, other_side: bool) -> Dose | None:
    if step.dose is not None and other_side:
        return step.dose.model_copy(update={"side": None})
    return step.dose


def _spread_weeks(row: Row) -> list[Prescribed]:
    """Return what is meant in each week, from the first to the last."""
    weeks = row.programme.weeks
    steps = prescribe_changes(row.prescription, row.exercise, weeks)
    ends = [*(step.week for step in steps[1:]), weeks + 1]
    return [step for step, end in zip(steps, ends, strict=True) for _ in range(step.week, end)]


def _find_shifts(
    before: Sequence[T], after: Sequence[T], fold: Callable[[T], object]
) -> Iterator[tuple[int, T | None, T]]:
    """Yield each week in which the versions part, or the later one has a step of its own.

    A difference that goes on from an earlier week is not said again.

    Args:
        before: a value a week.
        after: a value a week; what it has beyond the other's end is compared with nothing.
        fold: gives what is equal of two values.
    """
    old, new = [fold(value) for value in before], [fold(value) for value in after]
    for n, value in enumerate(after):
        steps_after = n == 0 or new[n] != new[n - 1]
        if n >= len(old):
            if steps_after:
                yield n + 1, None, value
            continue
        steps_before = n == 0 or old[n] != old[n - 1]
        is_same_step = steps_before and steps_after and old[n] == new[n]
        if (steps_after and not is_same_step) or (steps_before and old[n] != new[n]):
            yield n + 1, before[n], value


def _compare_criteria(about: About, old: Row, new: Row) -> Iterator[ReadyChanged]:
    was, now = (
        {
            stage.week: stage.ready_when
            for stage in row.prescription.progression
            if stage.week <= row.programme.weeks
        }
        for row in (old, new)
    )
    for week, criterion in now.items():
        if flatten(was.get(week)) != flatten(criterion):
            yield ReadyChanged(about, week, was.get(week), criterion)


def _compare_overrides(
    before: Programme, after: Programme, exercises: Exercises
) -> Iterator[OverrideGiven | OverrideWithdrawn]:
    def cleared(override: Override) -> tuple[str, str, str]:
        return override.client, override.exercise, override.condition

    still = {cleared(override) for override in after.overrides}
    for override in before.overrides:
        if cleared(override) not in still and override.exercise in after.exercises():
            about = About(override.exercise, exercises[override.exercise].name)
            yield OverrideWithdrawn(about, override)
    for override in after.overrides:
        if override not in before.overrides:
            about = About(override.exercise, exercises[override.exercise].name)
            yield OverrideGiven(about, override)


def _compare_sessions(
    before: Programme, after: Programme, pairs: Iterable[Pair]
) -> Iterator[Change]:
    for old_at, new_at in pairs:
        old = None if old_at is None else before.sessions[old_at]
        new = None if new_at is None else after.sessions[new_at]
        if old and new:
            if flatten(old.name).casefold() != flatten(new.name).casefold():
                yield SessionRenamed(old.name, new.name)
            if set(old.days) != set(new.days):
                yield DaysChanged(new.name, old.days, new.days)
        elif new:
            yield SessionAdded(new.name)
        elif old:
            yield SessionRemoved(old.name)
