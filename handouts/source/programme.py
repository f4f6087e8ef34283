"""Turn a programme's file into a checked programme and the exercises that it names."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING, NamedTuple

from handouts.model.programme import Programme, Stage
from handouts.source.checked import check_model
from handouts.source.composer import write_path
from handouts.source.conditions import ConditionWords
from handouts.source.files import read_bytes
from handouts.source.library import read_exercise
from handouts.source.positioned import read_yaml
from handouts.source.suggest import did_you_mean, shorten
from handouts.source.workspace import show_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from handouts.model.exercise import Exercise
    from handouts.model.programme import Override, Prescription
    from handouts.problem import Place, Report
    from handouts.source.composer import KeyPath
    from handouts.source.positioned import Positioned
    from handouts.source.vocabulary import Vocabulary
    from handouts.source.workspace import Workspace

# Adherence falls as the number of exercises grows; a first programme is best kept shorter still.
MANY_IN_SESSION = 6
MANY_IN_FIRST = 4


class Planned(NamedTuple):
    """A programme, and each exercise that it prescribes by its slug."""

    programme: Programme
    exercises: dict[str, Exercise]
    overrides_at: tuple[Place, ...]
    """Where each override stands."""


class _Noted(NamedTuple):
    """A file, and where its problems go."""

    source: Positioned
    report: Report


def read_programme(
    file: Path, shown_as: str, workspace: Workspace, vocabulary: Vocabulary, report: Report
) -> Planned | None:
    """Return the programme that the file holds, or None after noting everything wrong with it.

    An exercise that has a problem of its own brings it into the report.
    """
    data = read_bytes(file, shown_as, report)
    if data is None:
        return None
    return parse_programme(data, shown_as, workspace, vocabulary, report)


def parse_programme(
    data: bytes, shown_as: str, workspace: Workspace, vocabulary: Vocabulary, report: Report
) -> Planned | None:
    """Return the programme that the bytes hold, or None after noting everything wrong with it."""
    before = len(report.errors)
    source = read_yaml(data, shown_as, report)
    if source is None:
        return None
    values = dict(source.data)
    if "slug" in values:
        hint = "leave it out: the file's name is the slug"
        report.add("unknown-key", 'there is no key "slug"', source.place(("slug",)), hint=hint)
        del values["slug"]
    exercises = _read_exercises(source, workspace, vocabulary, report)
    slug = PurePath(shown_as).stem
    programme = check_model(Programme, {**values, "slug": slug}, source, report)
    if programme is None:
        return None
    overrides = _resolve_overrides(programme, vocabulary, source, report)
    _check_prescriptions(programme, exercises, source, report)
    if len(report.errors) > before:
        return None
    _warn_of_length(programme, source, report)
    places = tuple(source.place(("overrides", n)) for n in range(len(programme.overrides)))
    programme = programme.model_copy(update={"overrides": overrides})
    return Planned(programme, exercises, places)


def _named_exercises(source: Positioned) -> Iterator[tuple[KeyPath, str]]:
    """Yield the path and the slug of each exercise named, whatever else is wrong with the data."""
    sessions = source.data.get("sessions")
    for n, session in enumerate(sessions if isinstance(sessions, list) else []):
        rows = session.get("prescriptions") if isinstance(session, dict) else None
        yield from _named_in(rows, ("sessions", n, "prescriptions"))
    yield from _named_in(source.data.get("overrides"), ("overrides",))


def _named_in(rows: object, path: KeyPath) -> Iterator[tuple[KeyPath, str]]:
    for n, row in enumerate(rows if isinstance(rows, list) else []):
        if isinstance(row, dict) and isinstance(row.get("exercise"), str):
            yield (*path, n, "exercise"), row["exercise"]


def _read_exercises(
    source: Positioned, workspace: Workspace, vocabulary: Vocabulary, report: Report
) -> dict[str, Exercise]:
    """Return each exercise that can be had; the others are noted."""
    files = workspace.exercise_files()
    read: dict[str, Exercise | None] = {}
    for path, slug in _named_exercises(source):
        if slug not in files:
            if not source.is_faulty(path):
                source.faulty.add(path)
                _note_unknown(path, slug, files, _Noted(source, report))
        elif slug not in read and path[0] == "sessions":
            read[slug] = read_exercise(files[slug], show_path(files[slug]), vocabulary, report)
    return {slug: exercise for slug, exercise in read.items() if exercise is not None}


def _note_unknown(path: KeyPath, typed: str, known: Iterable[str], noted: _Noted) -> None:
    """Note a name that is none of those known; the last part of the path says of what."""
    words = list(known)
    kind = path[-1]
    listed = f"known here: {', '.join(words)}" if words else "the exercise has none: leave it out"
    if kind == "exercise":
        listed = "`handouts list` shows them all"
    noted.report.add(
        f"unknown-{kind}",
        f'{write_path(path)}: there is no {kind} "{shorten(typed)}"',
        noted.source.place(path),
        hint=did_you_mean(typed, words) or listed,
    )


def _check_prescriptions(
    programme: Programme, exercises: Mapping[str, Exercise], source: Positioned, report: Report
) -> None:
    names: set[str] = set()
    for n, session in enumerate(programme.sessions):
        path: KeyPath = ("sessions", n)
        _note_twice((*path, "name"), session.name.casefold(), names, source, report)
        seen: set[str] = set()
        days: set[str] = set()
        for k, day in enumerate(session.days):
            _note_twice((*path, "days", k), day, days, source, report)
        for k, row in enumerate(session.prescriptions):
            where = (*path, "prescriptions", k)
            # Left and right may differ, and so may two rungs.
            key = f"{row.exercise} {row.side} {(row.rung or '').casefold()}"
            _note_twice((*where, "exercise"), key, seen, source, report)
            exercise = exercises.get(row.exercise)
            if exercise is not None:
                _check_row(where, row, exercise, source, report)
            _check_weeks(where, row, programme.weeks, source, report)


def _note_twice(
    path: KeyPath, key: str, seen: set[str], source: Positioned, report: Report
) -> None:
    if key in seen:
        message = f"{write_path(path)}: this stands here a second time"
        report.add("listed-twice", message, source.place(path), hint="keep one of the two")
    seen.add(key)


def _check_row(
    path: KeyPath, row: Prescription, exercise: Exercise, source: Positioned, report: Report
) -> None:
    """Doses by purpose and rungs of the ladder are those that the exercise has."""
    stages = [((*path, "progression", n), stage) for n, stage in enumerate(row.progression)]
    rungs = {rung.name.casefold() for rung in exercise.progressions}
    said: list[tuple[KeyPath, Prescription | Stage]] = [(path, row), *stages]
    for where, part in said:
        if part.purpose is not None and part.purpose not in exercise.dose:
            path = (*where, "purpose")
            _note_unknown(path, part.purpose, exercise.dose, _Noted(source, report))
        if part.rung is not None and part.rung.casefold() not in rungs:
            known = [rung.name for rung in exercise.progressions]
            _note_unknown((*where, "rung"), part.rung, known, _Noted(source, report))


def _check_weeks(
    path: KeyPath, row: Prescription, weeks: int, source: Positioned, report: Report
) -> None:
    for n, stage in enumerate(row.progression):
        if stage.week > weeks:
            where = (*path, "progression", n, "week")
            plural = "s" * (weeks > 1)
            message = f"{write_path(where)}: the programme has {weeks} week{plural}"
            hint = "give it more weeks, or leave this one out"
            report.add("week-outside", message, source.place(where), hint=hint)


def _resolve_overrides(
    programme: Programme, vocabulary: Vocabulary, source: Positioned, report: Report
) -> tuple[Override, ...]:
    """Return the overrides with the slug of the condition that each clears."""
    words = ConditionWords(vocabulary)
    resolved = []
    for n, override in enumerate(programme.overrides):
        path = ("overrides", n, "condition")
        slugs = words.find(override.condition)
        if len(slugs) > 1:
            message = f"{write_path(path)}: this word means {' and '.join(slugs)}"
            report.add("ambiguous-word", message, source.place(path), hint="write one of the two")
        elif not slugs:
            report.add(
                "unknown-condition",
                f'{write_path(path)}: there is no condition "{shorten(override.condition)}"',
                source.place(path),
                hint=words.suggest(override.condition),
            )
        resolved.append(override.model_copy(update={"condition": (*slugs, "-")[0]}))
        path = ("overrides", n, "exercise")
        if override.exercise not in programme.exercises() and not source.is_faulty(path):
            message = f'{write_path(path)}: the programme has no "{override.exercise}"'
            hint = f"it has {', '.join(programme.exercises())}"
            report.add("unknown-exercise", message, source.place(path), hint=hint)
    return tuple(resolved)


def _warn_of_length(programme: Programme, source: Positioned, report: Report) -> None:
    hint = "people do more of a shorter plan: leave out what matters least"
    for n, session in enumerate(programme.sessions):
        count = len({row.exercise for row in session.prescriptions})
        if count > MANY_IN_SESSION:
            path = ("sessions", n, "prescriptions")
            message = f"{write_path(path)}: {count} exercises in one session"
            report.warn("many-exercises", message, source.place(path), hint=hint)
    total = len(programme.exercises())
    if programme.first and total > MANY_IN_FIRST:
        message = f"first: {total} exercises in a first programme"
        report.warn("many-exercises", message, source.place(("first",)), hint=hint)
    if not any(row.progression for session in programme.sessions for row in session.prescriptions):
        report.warn(
            "no-progression",
            "nothing in the programme says when to do more",
            source.place(("sessions",)),
            hint='add to a prescription "progression: [{week: 3, dose: 3 × 12}]"',
        )
