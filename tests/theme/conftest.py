"""Exercises dressed in a theme, in a workspace or without one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from handouts.model.assignment import task_of_dose
from handouts.model.dose import parse_dose
from handouts.model.settings import PrintSettings, Settings, Trainer
from handouts.problem import Report
from handouts.source.library import read_exercise, read_vocabulary
from handouts.source.workspace import Workspace
from handouts.theme.chain import make_chain
from handouts.theme.handout import Dresser

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from handouts.model.exercise import Exercise
    from handouts.model.markup import Markup
    from handouts.source.vocabulary import Vocabulary


@pytest.fixture(scope="session")
def vocabulary() -> Vocabulary:
    """Return the shipped vocabulary."""
    return read_vocabulary(Workspace(), Report())


@pytest.fixture(scope="session")
def read(vocabulary: Vocabulary) -> Callable[..., Exercise]:
    """Return a function that reads a shipped exercise, with some of its keys changed."""

    def read(slug: str = "hip-hinge", **changed: Any) -> Exercise:  # noqa: ANN401  any key
        report = Report()
        file = Workspace().exercise_file(slug)
        exercise = read_exercise(file, slug, vocabulary, report)
        assert exercise is not None, report
        return exercise.model_copy(update=changed)

    return read


@pytest.fixture
def dress(vocabulary: Vocabulary, read: Callable[..., Exercise]) -> Callable[..., Markup]:
    """Return a function that dresses an exercise."""

    def dress(
        exercise: Exercise | str = "hip-hinge",
        workspace: Path | None = None,
        dose: str | None = None,
        trainer: Trainer | None = None,
        **look: str,
    ) -> Markup:
        printed = PrintSettings.model_validate({**look})
        settings = Settings(trainer=trainer or Trainer(), print=printed)
        chain = make_chain(look.get("theme", "clear"), workspace)
        return Dresser(vocabulary, settings, chain, {}).dress_exercise(
            read(exercise) if isinstance(exercise, str) else exercise,
            [task_of_dose(parse_dose(dose))] if dose else [],
        )

    return dress


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str], Path]:
    """Return a function that writes a file into the workspace."""

    def write(name: str, text: str) -> Path:
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return file

    return write
