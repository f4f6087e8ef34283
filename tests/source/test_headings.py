"""A list reads the beginnings of the files once, and nothing of unchanged ones."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from handouts.problem import Report
from handouts.source import headings, positioned
from handouts.source.headings import list_headings
from handouts.source.workspace import Workspace

HEAD = "name: Squat {0}\nsummary: Sit down.\nposition: standing\nmuscles: [[[[broken\n"
AN_HOUR = 3600


@pytest.fixture
def many(tmp_path: Path) -> Workspace:
    """Return a workspace with 1,000 exercises written an hour ago."""
    (tmp_path / "exercises").mkdir()
    for number in range(1000):
        file = tmp_path / "exercises" / f"squat-{number}.yaml"
        file.write_text(HEAD.format(number), encoding="utf-8")
        age(file)
    return Workspace(tmp_path)


def age(file: Path, seconds: int = AN_HOUR) -> None:
    then = time.time() - seconds
    os.utime(file, (then, then))


def forbid_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise AssertionError("an exercise was opened")

    monkeypatch.setattr(headings, "read_bytes", fail)
    monkeypatch.setattr(positioned, "read_yaml", fail)


def test_a_second_list_opens_no_exercise(many: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    report = Report()
    first = list_headings(many, report)
    assert len(first) >= 1000
    forbid_reading(monkeypatch)
    # The shipped files may have been written this instant; only ours are an hour old.
    monkeypatch.setattr("handouts.source.workspace.LIBRARY", Path("nowhere"))
    second = list_headings(many, report)
    assert second == [heading for heading in first if heading.slug.startswith("squat-")]
    assert list(report) == []


def test_a_changed_file_is_read_again(many: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    list_headings(many, Report())
    assert many.root
    changed = many.root / "exercises" / "squat-7.yaml"
    changed.write_text(HEAD.format("changed"), encoding="utf-8")
    found = {heading.slug: heading for heading in list_headings(many, Report())}
    assert found["squat-7"].name == "Squat changed"
    changed.write_text(HEAD.format("again"), encoding="utf-8")
    with monkeypatch.context() as guarded:
        forbid_reading(guarded)
        with pytest.raises(AssertionError, match="opened"):  # the guard can fail
            list_headings(many, Report())


def test_a_heading_has_what_the_first_keys_say(workspace: Workspace) -> None:
    squat = next(
        heading for heading in list_headings(workspace, Report()) if heading.slug == "squat"
    )
    assert squat.name == "Squat"
    assert squat.aliases == ("Knee bend",)
    assert squat.position == "standing"
    assert squat.equipment == ("Wall",)
    assert squat.summary.startswith("Sit down")
    assert squat.file.name == "squat.yaml"


def test_keys_in_another_order_are_found(workspace: Workspace) -> None:
    assert workspace.root
    file = workspace.root / "exercises" / "lunge.yaml"
    file.write_text("muscles: {}\nsummary: Step.\nsteps: []\nname: Lunge\nposition: moving\n")
    slugs = {heading.slug: heading.name for heading in list_headings(workspace, Report())}
    assert slugs["lunge"] == "Lunge"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("name: Lunge\nposition: moving\n", "missing-key"),
        ("name: [Lunge]\nsummary: Step.\nposition: moving\n", "wrong-shape"),
        ("name:\nsummary: Step.\nposition: moving\n", "empty-value"),
        ("name: a: b\n", "yaml-colon"),
        ("", "empty-file"),
    ],
)
def test_a_file_without_a_heading_is_noted_every_time(
    workspace: Workspace, text: str, code: str
) -> None:
    assert workspace.root
    (workspace.root / "exercises" / "lunge.yaml").write_text(text)
    age(workspace.root / "exercises" / "lunge.yaml")
    for _ in range(2):
        report = Report()
        assert "lunge" not in {heading.slug for heading in list_headings(workspace, report)}
        assert [problem.code for problem in report] == [code]
        assert str(report.problems[0].place).split(":")[0].endswith("lunge.yaml")


def test_a_file_that_cannot_be_opened_is_noted(workspace: Workspace) -> None:
    assert workspace.root
    (workspace.root / "exercises" / "gone.yaml").symlink_to(workspace.root / "exercises" / "no")
    report = Report()
    list_headings(workspace, report)
    assert [problem.code for problem in report] == ["unreadable"]


def test_a_pipe_is_not_waited_for(workspace: Workspace) -> None:
    assert workspace.root
    os.mkfifo(workspace.root / "exercises" / "pipe.yaml")
    report = Report()
    list_headings(workspace, report)
    assert [problem.code for problem in report] == ["unreadable"]


@pytest.mark.parametrize(
    "index",
    [b"", b"{", b"[]", b"null", b'{"format": "1 0", "files": 3}', b"\xff", b"[" * 100_000, b'"x"'],
)
def test_a_broken_index_is_made_anew(workspace: Workspace, own_cache: Path, index: bytes) -> None:
    expected = list_headings(workspace, Report())
    (file,) = (own_cache / "headings").iterdir()
    sound = file.read_bytes()
    file.write_bytes(index)
    assert list_headings(workspace, Report()) == expected
    assert file.read_bytes().startswith(sound[:20])


def test_rows_of_another_shape_are_not_believed(workspace: Workspace, own_cache: Path) -> None:
    assert workspace.root
    squat = workspace.root / "exercises" / "squat.yaml"
    age(squat)
    expected = list_headings(workspace, Report())
    (file,) = (own_cache / "headings").iterdir()
    file.write_bytes(file.read_bytes().replace(b'"Squat"', b"17"))
    assert list_headings(workspace, Report()) == expected


def test_a_cache_that_cannot_be_written_is_no_problem(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("HANDOUTS_CACHE_DIR", str(tmp_path / "file"))
    report = Report()
    assert list_headings(workspace, report)
    assert list(report) == []


def test_listing_imports_no_pydantic_and_a_warm_list_no_yaml(
    workspace: Workspace, own_cache: Path
) -> None:
    assert workspace.root
    age(workspace.root / "exercises" / "squat.yaml")
    code = (
        "import sys; from pathlib import Path; import handouts.source.workspace as w\n"
        "w.LIBRARY = Path('nowhere')\n"
        "from handouts.problem import Report; from handouts.source.headings import list_headings\n"
        "found = list_headings(w.find_workspace(Path(sys.argv[1]), Report()), Report())\n"
        "print(len(found), *({'pydantic', 'yaml'} & set(sys.modules)))"
    )
    command = [sys.executable, "-c", code, str(workspace.root)]
    environment = {**os.environ, "HANDOUTS_CACHE_DIR": str(own_cache)}
    said = [
        subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout
        for _ in range(2)
    ]
    assert said == ["1 yaml\n", "1\n"]
