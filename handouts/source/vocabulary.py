"""Turn the vocabulary's files, shipped and the trainer's own, into the words that data may use."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel

from handouts.assets import LIBRARY
from handouts.model.vocabulary import (
    Condition,
    Conditions,
    GeneralPrecaution,
    GeneralPrecautions,
    Muscle,
    Muscles,
    widen_condition,
)
from handouts.source.checked import check_model
from handouts.source.files import read_bytes
from handouts.source.positioned import read_yaml
from handouts.source.suggest import did_you_mean, shorten
from handouts.source.workspace import show_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from handouts.problem import Place, Report
    from handouts.source.positioned import Positioned
    from handouts.source.workspace import Workspace

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words that exercises and clients share."""

    conditions: dict[str, Condition] = field(default_factory=dict)
    muscles: dict[str, Muscle] = field(default_factory=dict)
    precautions: dict[str, GeneralPrecaution] = field(default_factory=dict)
    """The shared list of general precautions, by condition."""

    def condition_words(self) -> dict[str, str]:
        """Return every word for a condition, with the slug it means."""
        return {
            word: slug
            for slug, condition in self.conditions.items()
            for word in (*condition.synonyms, condition.medical, condition.name, slug)
        }

    def muscle_words(self) -> dict[str, str]:
        """Return every word for a muscle, with the slug it means."""
        return {
            word: slug
            for slug, muscle in self.muscles.items()
            for word in (*muscle.synonyms, muscle.latin, muscle.name, slug)
        }


def condition_ancestors(vocabulary: Vocabulary, slug: str) -> list[str]:
    """Return the condition itself and all wider ones, nearest first; no condition, no list."""
    return widen_condition(vocabulary.conditions, slug)


def read_vocabulary(workspace: Workspace, report: Report) -> Vocabulary:
    """Return the shipped vocabulary with the workspace's own entries added or put in their place.

    A file that cannot be read is noted and adds nothing.
    """
    conditions: dict[str, Condition] = {}
    muscles: dict[str, Muscle] = {}
    precautions: dict[str, GeneralPrecaution] = {}
    places: dict[tuple[str, str], Place] = {}
    for model, source in _read_files(Conditions, "conditions.yaml", workspace, report):
        conditions |= model.conditions
        for slug in model.conditions:
            places["condition", slug] = source.place(("conditions", slug))
    for muscles_model, _ in _read_files(Muscles, "muscles.yaml", workspace, report):
        muscles |= muscles_model.muscles
    for listed, source in _read_files(GeneralPrecautions, "precautions.yaml", workspace, report):
        for index, row in enumerate(listed.precautions):
            precautions[row.condition] = row
            places["precaution", row.condition] = source.place(("precautions", index))
    vocabulary = Vocabulary(conditions, muscles, precautions)
    _check_parents(vocabulary, places, report)
    _check_synonyms(vocabulary, places, report)
    _check_precautions(vocabulary, places, report)
    return vocabulary


def _read_files(
    model: type[M], name: str, workspace: Workspace, report: Report
) -> Iterator[tuple[M, Positioned]]:
    """Yield the shipped file's model, then the workspace's."""
    own = [workspace.root / name] if workspace.root and (workspace.root / name).is_file() else []
    for file in [LIBRARY / name, *own]:
        data = read_bytes(file, show_path(file), report)
        source = None if data is None else read_yaml(data, show_path(file), report)
        checked = None if source is None else check_model(model, source.data, source, report)
        if checked is not None and source is not None and not source.faulty:
            yield checked, source


def _check_parents(
    vocabulary: Vocabulary, places: dict[tuple[str, str], Place], report: Report
) -> None:
    for slug, condition in vocabulary.conditions.items():
        place = places["condition", slug]
        for parent in condition.parents:
            if parent not in vocabulary.conditions:
                report.add(
                    "unknown-condition",
                    f'{slug}: there is no condition "{parent}" to be its parent',
                    place,
                    hint=did_you_mean(parent, vocabulary.conditions),
                )
            elif slug in condition_ancestors(vocabulary, parent):
                report.add(
                    "condition-cycle",
                    f'{slug}: its parent "{parent}" is also a case of it',
                    place,
                    hint="a parent is the wider condition: keep one direction",
                )


def _check_synonyms(
    vocabulary: Vocabulary, places: dict[tuple[str, str], Place], report: Report
) -> None:
    """A word that a client's record may use means one condition."""
    owners: dict[str, str] = {}
    for slug, condition in vocabulary.conditions.items():
        words = (slug.replace("-", " "), condition.name, condition.medical, *condition.synonyms)
        for word in dict.fromkeys(word.casefold() for word in words):
            owner = owners.setdefault(word, slug)
            if owner != slug:
                report.add(
                    "ambiguous-word",
                    f'{slug}: "{shorten(word)}" means {owner} already',
                    places["condition", slug],
                    hint="let each word mean one condition",
                )


def _check_precautions(
    vocabulary: Vocabulary, places: dict[tuple[str, str], Place], report: Report
) -> None:
    for slug in vocabulary.precautions:
        if slug not in vocabulary.conditions:
            report.add(
                "unknown-condition",
                f'there is no condition "{slug}"',
                places["precaution", slug],
                hint=did_you_mean(slug, vocabulary.conditions),
            )
