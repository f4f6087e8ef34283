"""The nearest folder with settings is the workspace; its files stand before the library's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from handouts.assets import LIBRARY
from handouts.problem import HandoutError, Report
from handouts.source.workspace import Workspace, find_workspace, is_slug, show_path

if TYPE_CHECKING:
    from pathlib import Path

SHIPPED = "standing-hip-extension-hold"


def test_the_nearest_folder_with_settings_is_found(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert workspace.root
    deep = workspace.root / "exercises" / "deep"
    deep.mkdir()
    monkeypatch.chdir(deep)
    report = Report()
    found = find_workspace(None, report)
    assert found == workspace
    assert found.settings.trainer.name == "Ann"
    assert list(report) == []


def test_without_one_the_library_serves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = find_workspace(None, Report())
    assert found.root is None
    assert found.settings.print.paper == "a4"
    assert SHIPPED in found.exercise_files()
    assert found.exercise_file(SHIPPED).parent == LIBRARY / "exercises"


def test_a_folder_named_by_the_user_need_only_have_exercises(tmp_path: Path) -> None:
    (tmp_path / "exercises").mkdir()
    report = Report()
    assert find_workspace(tmp_path, report) == Workspace(tmp_path)
    assert list(report) == []


@pytest.mark.parametrize("name", ["nowhere", ".", "a\0b", "x" * 5000])
def test_a_folder_that_is_no_workspace_is_a_problem(tmp_path: Path, name: str) -> None:
    report = Report()
    assert find_workspace(tmp_path / name, report).root is None
    assert [problem.code for problem in report] == ["workspace-missing"]


def test_the_workspace_shadows_the_library(workspace: Workspace) -> None:
    assert workspace.root
    own = workspace.root / "exercises" / f"{SHIPPED}.yaml"
    own.write_text("name: Mine\n", encoding="utf-8")
    assert workspace.exercise_file(SHIPPED) == own
    files = workspace.exercise_files()
    assert files[SHIPPED] == own
    assert list(files) == sorted(files)
    assert len(files) == 1 + len(list((LIBRARY / "exercises").glob("*.yaml")))


def test_one_exercise_is_found_without_listing_a_folder(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: object) -> None:
        raise AssertionError

    monkeypatch.setattr("os.scandir", fail)
    assert workspace.exercise_file("squat").name == "squat.yaml"
    with pytest.raises(AssertionError):  # the guard can fail
        workspace.exercise_files()


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        ("sqat", 'did you mean "squat"?'),
        ("Squat", 'did you mean "squat"?'),
        ("Knee bends", 'did you mean "squat"?'),
        ("zzzzzz", "`handouts list` shows them all"),
        ("../../etc/passwd", "`handouts list` shows them all"),
        ("a\0b", "`handouts list` shows them all"),
    ],
)
def test_an_unknown_exercise_has_the_nearest_name(
    workspace: Workspace, typed: str, hint: str
) -> None:
    with pytest.raises(HandoutError) as caught:
        workspace.exercise_file(typed)
    assert [problem.code for problem in caught.value.report] == ["unknown-exercise"]
    assert caught.value.report.problems[0].hint == hint


def test_a_file_with_an_odd_name_is_a_problem(workspace: Workspace) -> None:
    assert workspace.root
    folder = workspace.root / "exercises"
    for name in ("Deep Squat.yaml", "lunge.yml", ".hidden.yaml", "notes.txt", "~lock.yaml"):
        (folder / name).write_text("name: X\n", encoding="utf-8")
    report = Report()
    files = workspace.exercise_files(report)
    assert "lunge" not in files
    assert [(problem.code, problem.hint) for problem in report] == [
        ("bad-slug", "rename it to deep-squat.yaml"),
        ("bad-slug", "rename it to lunge.yaml"),
    ]


@pytest.mark.parametrize("text", ["a", "a-b", "3-d", "a" * 64])
def test_slugs(text: str) -> None:
    assert is_slug(text)


@pytest.mark.parametrize("text", ["", "A", "a_b", "-a", "a-", "a--b", "é", "a\n", "a" * 65, "a/b"])
def test_what_is_no_slug(text: str) -> None:
    assert not is_slug(text)


def test_paths_are_shown_as_typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert show_path(tmp_path / "exercises" / "a.yaml") == "exercises/a.yaml"
    assert show_path(LIBRARY / "muscles.yaml") == "library/muscles.yaml"
    assert show_path(tmp_path.parent / "a.yaml") == str(tmp_path.parent / "a.yaml")
