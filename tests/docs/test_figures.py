"""What docs/figures.md says of poses is so."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest
import yaml

from handouts.assets import LIBRARY
from handouts.model.exercise import Exercise
from handouts.model.gallery import PoseFile, list_limits
from handouts.model.pose import Base, Build, Gear, Guide, JointName, PartName, Pose, Thing, View
from handouts.problem import Report
from handouts.source.poses import parse_poses
from handouts.source.vocabulary import read_vocabulary
from handouts.source.workspace import Workspace

PAGE = (Path(__file__).parents[2] / "docs" / "figures.md").read_text(encoding="utf-8")
EXCERPTS = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
FILES = dict(re.findall(r'^```yaml title="(\S+)"\n(.*?)^```$', PAGE, re.MULTILINE | re.DOTALL))
ROW = re.compile(r"^\| (\w[^|]*) \| ([^|]*) \| ([^|]*) \| ([^|]*) \|$", re.MULTILINE)
REST = {
    "name": "Lift",
    "summary": "Lift.",
    "position": "standing",
    "muscles": {"primary": ["quadriceps"]},
    "steps": [{"title": "Lift", "do": ["Lift."]}],
    "avoid": [],
    "slug": "lift",
}


def write_limit(limit: tuple[float, float] | None) -> str:
    return f"{limit[0]:g} to {limit[1]:g}".replace("-", "−") if limit else "–"


def write_row(joint: str) -> str:
    limb = joint not in {"lumbar", "thoracic", "neck"}
    return f"{joint}, left-{joint[:-1]}, right-{joint[:-1]}" if limb else joint


def test_the_table_has_the_limits_that_are_checked() -> None:
    shown = {row[0].strip(): row[1:] for row in ROW.findall(PAGE) if row[0] != "Joint"}
    wanted = {
        write_row(limits.joint): tuple(
            write_limit(getattr(limits, way)) for way in ("flexion", "abduction", "rotation")
        )
        for limits in list_limits()
    }
    assert shown == wanted


@pytest.mark.parametrize("words", [Base, View, Thing, Gear, Guide])
def test_every_word_is_named(words: type[Base | View | Thing | Gear | Guide]) -> None:
    assert [word for word in words if f"`{word}`" not in PAGE and f"[{word}]" not in PAGE] == []


def test_every_key_part_and_joint_is_named() -> None:
    named = set(re.findall(r"[a-z]+(?:-[a-z]+)*", PAGE))
    assert set(Pose.model_fields) <= named
    for name in (*get_args(PartName), *get_args(JointName)):
        assert {name, name.replace("right-", "left-")} & named, name
    assert all(f"build: {build}" in PAGE for build in Build)


@pytest.mark.parametrize("name", FILES)
def test_a_file_of_the_page_has_no_problem(name: str) -> None:
    report = Report()
    vocabulary = read_vocabulary(Workspace(), report)
    found = parse_poses(FILES[name].encode(), Path(name).stem, name, vocabulary, report)
    assert list(report) == []
    assert found


def test_a_pose_takes_five_lines() -> None:
    assert FILES["pose.yaml"].count("\n") == 5


@pytest.mark.parametrize("text", EXCERPTS)
def test_an_excerpt_fits_where_it_belongs(text: str) -> None:
    """Each is a part of a step, of a pose or of an exercise."""
    data = yaml.safe_load(text)
    if "figure" in data:
        step = {"title": "Lift", "do": ["Lift."], **data}
        assert Exercise.model_validate({**REST, "steps": [step]}).picture_files()
    elif set(data) <= set(Pose.model_fields):
        assert Pose.model_validate(data)
    else:
        exercise = Exercise.model_validate({**REST, **data})
        named = {figure.drawn for _, figure in exercise.used_figures()}
        assert named & set(PoseFile.model_validate(yaml.safe_load(FILES["lift.yaml"])).figures)


def test_there_are_excerpts_of_each_kind() -> None:
    assert len(EXCERPTS) >= 3
    assert set(FILES) == {"pose.yaml", "lift.yaml"}


def test_the_problem_that_is_shown_is_the_one_that_is_said() -> None:
    report = Report()
    text = FILES["pose.yaml"].replace("right-hip: 80", "right-hip: 200").encode()
    parse_poses(text, "pose", "pose.yaml", read_vocabulary(Workspace(), report), report)
    assert "\n".join(str(problem) for problem in report) in PAGE


def test_the_note_in_a_new_exercise_is_a_pose() -> None:
    note = (LIBRARY / "new" / "exercise.yaml").read_text(encoding="utf-8")
    lines = note.partition("# figures:\n")[2].partition("\n\n")[0].replace("# ", "")
    assert PoseFile.model_validate({"figures": yaml.safe_load(lines)})
