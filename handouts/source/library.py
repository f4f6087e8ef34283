"""Turn an exercise's file and the shared vocabulary into one checked exercise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from handouts.model.exercise import Basis, Exercise, Level
from handouts.problem import Problem
from handouts.source.checked import check_model
from handouts.source.composer import MOST_PROBLEMS, write_path
from handouts.source.files import read_bytes
from handouts.source.positioned import read_yaml
from handouts.source.suggest import did_you_mean, nearest_word, shorten
from handouts.source.vocabulary import Vocabulary, condition_ancestors, read_vocabulary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from handouts.model.pose import Pose
    from handouts.problem import Report
    from handouts.source.composer import KeyPath
    from handouts.source.positioned import Positioned

_MOST_GUESSES = 20  # a file; each takes a millisecond

__all__ = [
    "Vocabulary",
    "check_exercise",
    "check_poses",
    "condition_ancestors",
    "read_exercise",
    "read_vocabulary",
]


def read_exercise(
    file: Path, shown_as: str, vocabulary: Vocabulary, report: Report
) -> Exercise | None:
    """Return the exercise that the file holds, or None after noting everything wrong with it.

    Args:
        file: the YAML file; its name is the exercise's slug.
        shown_as: the path that the problems name.
        vocabulary: the conditions, muscles and general precautions that the file may name.
        report: gets every problem found.
    """
    data = read_bytes(file, shown_as, report)
    if data is None:
        return None
    return parse_exercise(data, file.stem, shown_as, vocabulary, report)


def parse_exercise(
    data: bytes, slug: str, shown_as: str, vocabulary: Vocabulary, report: Report
) -> Exercise | None:
    """Return the exercise that the bytes hold, or None after noting everything wrong with it."""
    before = len(report.errors)
    source = read_yaml(data, shown_as, report)
    exercise = None if source is None else check_exercise(source, slug, vocabulary, report)
    return exercise if len(report.errors) == before else None


def check_exercise(
    source: Positioned, slug: str, vocabulary: Vocabulary, report: Report
) -> Exercise | None:
    """Return what a file says as an exercise, or None after noting everything wrong with it."""
    before = len(report.errors)
    values = dict(source.data)
    if "slug" in values:
        _refuse_slug(source, report)
        del values["slug"]
    _check_muscles(source, vocabulary, report)
    values["avoid"] = _fill_precautions(source, vocabulary, report)
    if "avoid" not in source.data:
        del values["avoid"]
    exercise = check_model(Exercise, {**values, "slug": slug}, source, report)
    if exercise:
        _check_figures(exercise, vocabulary, source, report)
    return exercise if len(report.errors) == before else None


def _refuse_slug(source: Positioned, report: Report) -> None:
    hint = "leave it out: the file's name is the slug"
    report.add("unknown-key", 'there is no key "slug"', source.place(("slug",)), hint=hint)


def _check_muscles(source: Positioned, vocabulary: Vocabulary, report: Report) -> None:
    for path, name in _muscle_names(source.data.get("muscles")):
        if name in vocabulary.muscles or source.is_faulty(path):
            continue
        report.extend(_unknown("muscle", path, name, vocabulary.muscle_words, source))


def _check_figures(
    exercise: Exercise, vocabulary: Vocabulary, source: Positioned, report: Report
) -> None:
    """Every picture that is named is there, and so is what it names in turn."""
    named = [(path, figure.drawn) for path, figure in exercise.used_figures() if figure.drawn]
    _check_names(named, exercise.figures, source, report)
    check_poses(("figures",), exercise.figures, vocabulary, source, report)


def check_poses(
    path: KeyPath,
    poses: Mapping[str, Pose],
    vocabulary: Vocabulary,
    source: Positioned,
    report: Report,
) -> None:
    """Note every start and muscle that poses name and that is not there.

    Args:
        path: where the poses stand by name; empty where one is the whole file.
        poses: the poses by name.
        vocabulary: the muscles.
        source: the file.
        report: gets the problems.
    """
    paths = {name: (*path, name) if path else () for name in poses}
    starts = [((*paths[name], "start"), pose.start) for name, pose in poses.items() if pose.start]
    _check_names(starts, poses if path else {}, source, report)
    for name, pose in poses.items():
        for index, muscle in enumerate(pose.muscles):
            if muscle not in vocabulary.muscles:
                where = (*paths[name], "muscles", index)
                report.extend(_unknown("muscle", where, muscle, vocabulary.muscle_words, source))


def _check_names(
    named: Iterable[tuple[KeyPath, str]],
    poses: Mapping[str, Pose],
    source: Positioned,
    report: Report,
) -> None:
    words = {str(name): str(name) for name in poses}
    for path, name in named:
        if name not in words:
            report.extend(_unknown("figure", path, name, lambda: words, source))


def _muscle_names(work: Any) -> Iterator[tuple[KeyPath, str]]:  # noqa: ANN401
    """Yield the path and the slug of each muscle named, whatever else is wrong with the data."""
    if not isinstance(work, dict):
        return
    for role, entries in work.items():
        if not isinstance(entries, list):
            continue
        for index, entry in enumerate(entries):
            if isinstance(entry, str):
                yield ("muscles", role, index), entry
            elif isinstance(entry, dict) and isinstance(entry.get("muscle"), str):
                yield ("muscles", role, index, "muscle"), entry["muscle"]


def _fill_precautions(source: Positioned, vocabulary: Vocabulary, report: Report) -> Any:  # noqa: ANN401
    """Return the rows of ``avoid`` with the general ones completed from the shared list."""
    rows = source.data.get("avoid")
    if not isinstance(rows, list):
        return rows
    return [
        _fill_row(("avoid", index), row, source, vocabulary, report)
        if isinstance(row, dict)
        else row
        for index, row in enumerate(rows)
    ]


def _fill_row(
    path: KeyPath,
    row: dict[str, Any],
    source: Positioned,
    vocabulary: Vocabulary,
    report: Report,
) -> dict[str, Any]:
    name = row.get("condition")
    place = (*path, "condition")
    known = isinstance(name, str) and name in vocabulary.conditions
    if isinstance(name, str) and not known and not source.is_faulty(place):
        report.extend(_unknown("condition", place, name, vocabulary.condition_words, source))
    if row.get("basis") != Basis.GENERAL:
        return row
    _check_general_row(path, row, source, report)
    shared = vocabulary.precautions.get(name) if isinstance(name, str) else None
    if shared is None:
        if known:
            listed = did_you_mean(str(name), vocabulary.precautions)
            report.add(
                "no-general-precaution",
                f'{write_path(place)}: the shared list has no precaution for "{shorten(name)}"',
                source.place(place),
                hint=listed or "say level and why, with basis: source, if the source states them",
            )
        return {**row, "level": Level.ASK_FIRST, "why": "–"}  # the report stops the work
    filled = {"instead": shared.instead} if shared.instead else {}
    return {**filled, **row, "level": Level.ASK_FIRST, "why": shared.why}


def _check_general_row(
    path: KeyPath, row: dict[str, Any], source: Positioned, report: Report
) -> None:
    """A general precaution says "ask first" in the shared list's words, and nothing more."""
    level = shorten(row.get("level", Level.ASK_FIRST))
    faults = {
        "level": (level != Level.ASK_FIRST, f'is always "ask-first", not "{level}"'),
        "why": ("why" in row, "takes its reason from the shared list"),
    }
    for key, (wrong, message) in faults.items():
        where = (*path, key)
        if wrong and not source.is_faulty(where):
            report.add(
                f"general-{key}",
                f"{write_path(where)}: a general precaution {message}",
                source.place(where),
                hint="leave this out, or say basis: source if the exercise's source states it",
            )


_WHERE = {
    "condition": "conditions.yaml lists them all",
    "muscle": "muscles.yaml lists them all",
    "figure": "give the pose under figures, at the end of the file",
}


def _unknown(
    kind: str,
    path: KeyPath,
    name: str,
    words: Callable[[], dict[str, str]],
    source: Positioned,
) -> list[Problem]:
    """Return the problem of a slug that the vocabulary lacks; none after a hundred."""
    source.faulty.add(path)
    if len(source.faulty) > MOST_PROBLEMS:
        return []
    nearest = nearest_word(name, words()) if len(source.faulty) <= _MOST_GUESSES else None
    return [
        Problem(
            f"unknown-{kind}",
            f'{write_path(path)}: there is no {kind} "{shorten(name)}"',
            source.place(path),
            hint=f'did you mean "{nearest}"?' if nearest else _WHERE[kind],
        )
    ]
