"""The five shipped exercises, read once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from handouts.problem import Report
from handouts.source.library import read_exercise, read_vocabulary
from handouts.source.workspace import Workspace

if TYPE_CHECKING:
    from handouts.model.exercise import Exercise


@pytest.fixture(scope="session")
def shipped() -> dict[str, Exercise]:
    """Return the shipped exercises by slug."""
    report, workspace = Report(), Workspace()
    vocabulary = read_vocabulary(workspace, report)
    found = {
        slug: read_exercise(file, slug, vocabulary, report)
        for slug, file in workspace.exercise_files(report).items()
    }
    assert list(report) == []
    return {slug: exercise for slug, exercise in found.items() if exercise}
