"""Poses in files of their own: one, or several by name; and the gallery, whose lines are poses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from handouts.model.gallery import list_limits
from handouts.model.pose import Base, Build, Gear, Guide, Joints, Pose, Thing, View
from handouts.problem import HandoutError, Report
from handouts.source.poses import parse_poses, read_gallery, read_poses

if TYPE_CHECKING:
    from pathlib import Path

    from handouts.source.poses import Snippet
    from handouts.source.vocabulary import Vocabulary


def parse(text: str, vocabulary: Vocabulary) -> tuple[dict[str, Pose] | None, list[str]]:
    report = Report()
    found = parse_poses(text.encode(), "lift", "lift.yaml", vocabulary, report)
    return found, [str(problem) for problem in report]


def list_snippets() -> list[Snippet]:
    return [snippet for _, snippets in read_gallery().sections for snippet in snippets]


def test_one_pose_is_named_as_its_file(vocabulary: Vocabulary) -> None:
    found, said = parse("base: squat\njoints: {left-knee: 80}\n", vocabulary)
    assert said == []
    assert found
    assert list(found) == ["lift"]
    assert found["lift"].joints.spread()["left-knee"].flexion == 80


def test_several_stand_under_figures(vocabulary: Vocabulary) -> None:
    found, said = parse("figures:\n  a: {}\n  b: {start: a}\n", vocabulary)
    assert said == []
    assert found
    assert (list(found), found["b"].start) == (["a", "b"], "a")


@pytest.mark.parametrize(
    ("text", "line", "hint"),
    [
        (
            "joints: {right-hip: 200}",
            'lift.yaml:1:10: error[out-of-range] joints.right-hip: "200" is too large',
            "write a number from -35 to 135",
        ),
        (
            "figures:\n  a: {joints: {neck: {rotation: 99}}}",
            'lift.yaml:2:23: error[out-of-range] figures.a.joints.neck.rotation: "99" is too large',
            "write a number from -80 to 80",
        ),
        (
            "start: stand",
            'lift.yaml:1:1: error[unknown-figure] start: there is no figure "stand"',
            "give the pose under figures, at the end of the file",
        ),
        (
            "figures:\n  a: {start: bb}\n  bbb: {}",
            'lift.yaml:2:7: error[unknown-figure] figures.a.start: there is no figure "bb"',
            'did you mean "bbb"?',
        ),
        (
            "muscles: [quadricep]",
            'lift.yaml:1:11: error[unknown-muscle] muscles.1: there is no muscle "quadricep"',
            'did you mean "quadriceps"?',
        ),
        (
            "gear: {left-foot: barbell}",
            "lift.yaml:1:1: error[bad-gear] gear: the barbell is not for the left-foot",
            "hands hold dumbbell, kettlebell or barbell; feet wear ankle-weight",
        ),
        (
            "figures: {}",
            "lift.yaml:1:1: error[too-few] figures: fewer than 1 entry",
            "",
        ),
    ],
)
def test_a_wrong_pose_is_a_problem_with_its_place(
    text: str, line: str, hint: str, vocabulary: Vocabulary
) -> None:
    problem = f"{line}\n  hint: {hint}" if hint else line
    assert parse(text, vocabulary) == (None, [problem])


def test_a_file_that_is_not_there_is_a_problem(tmp_path: Path, vocabulary: Vocabulary) -> None:
    report = Report()
    assert read_poses(tmp_path / "x.yaml", vocabulary, report) is None
    assert [problem.code for problem in report] == ["unreadable"]


def test_no_pose_reaches_beyond_a_joint(vocabulary: Vocabulary) -> None:
    """Each limit of each joint is taken, and a degree more is not."""
    for limits in list_limits():
        for way in ("flexion", "abduction", "rotation"):
            low, high = getattr(limits, way) or (0, 0)
            for angle, sound in ((low, True), (high, True), (low - 1, False), (high + 1, False)):
                found, said = parse(f"joints: {{{limits.joint}: {{{way}: {angle}}}}}", vocabulary)
                assert (found is not None) is sound, (limits.joint, way, angle)
                assert sound or "out-of-range" in said[0]


def test_the_lines_of_the_gallery_make_its_pictures(vocabulary: Vocabulary) -> None:
    for snippet in list_snippets():
        report = Report()
        data = snippet.lines.encode()
        found = parse_poses(data, snippet.name, "snippet.yaml", vocabulary, report)
        unknown = {problem.code for problem in report} - {"unknown-muscle"}
        assert unknown == set()
        if found:
            assert found[snippet.name] == snippet.pose
            assert snippet.start in [None, *found.values()]


def test_the_gallery_shows_all_that_there_is() -> None:
    poses = [snippet.pose for snippet in list_snippets()]
    assert {pose.base for pose in poses} == set(Base)
    assert {pose.view for pose in poses} == set(View)
    assert {pose.build for pose in poses} == set(Build)
    assert {thing for pose in poses for thing in (pose.contacts or {}).values()} == set(Thing)
    assert {gear for pose in poses for gear in pose.gear.values()} == set(Gear)
    assert {guide for pose in poses for guide in pose.guides} == set(Guide)
    shown = {key for pose in poses for key in pose.model_fields_set}
    assert set(Pose.model_fields) - shown == {"turn", "words"}


def test_the_limits_are_those_of_every_joint() -> None:
    names = {limits.joint for limits in list_limits()}
    spread = {
        name
        for joint in Joints.model_fields
        for name in Joints.model_validate({joint.replace("_", "-"): 0}).spread()
    }
    both = {name.removesuffix("s") for name in names}
    assert {name.split("-")[-1] for name in spread} == both


def test_a_broken_gallery_is_told(tmp_path: Path) -> None:
    file = tmp_path / "gallery.yaml"
    file.write_text("title: Figures\nsections: []\n", encoding="utf-8")
    with pytest.raises(HandoutError) as error:
        read_gallery(file)
    assert {problem.code for problem in error.value.report} == {"missing-key", "too-few"}
