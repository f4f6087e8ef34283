"""Figures are drawn by name, from a file that one edits, or all on a sheet."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

import page
import pypdfium2
import pytest
from PIL import Image

from handouts.model.pose import Base

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Run = Callable[..., subprocess.CompletedProcess[str]]

FIGURES = """\
figures:
  stand: {base: standing, contacts: {left-foot: floor}}
  sink: {base: squat, start: stand, words: You sink down.}
"""
STEPS = """\
    figure: sink
  - title: Stay
    do: [Stay there.]
    figure: {file: stay.jpg, alt: Ann stays.}
errors:
"""


@pytest.fixture
def drawn(workspace: Path) -> Path:
    """Stand in a workspace whose exercise has figures, and a photo."""
    file = workspace / "exercises" / "squat.yaml"
    text = file.read_text(encoding="utf-8").replace("errors:\n", STEPS) + FIGURES
    file.write_text(text, encoding="utf-8")
    Image.new("RGB", (30, 40), "grey").save(workspace / "stay.jpg")
    return workspace


@pytest.fixture
def pose(nowhere: Path) -> Path:
    """Return a file with one pose, in the current folder."""
    file = nowhere / "lift.yaml"
    file.write_text("base: standing\njoints: {right-hip: 70}\n", encoding="utf-8")
    return file


def title(svg: str) -> str:
    return ET.fromstring(svg)[0].text or ""  # noqa: S314  our own text


def test_the_figures_of_an_exercise_are_listed_with_their_use(drawn: Path, handouts: Run) -> None:
    assert drawn
    ran = handouts("figure", "squat")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.splitlines() == [
        "stand\tstart of sink",
        "sink\tstep 1: Sit back",
        "stay.jpg (photo)\tstep 2: Stay",
    ]


def test_one_is_drawn_to_standard_output(drawn: Path, handouts: Run) -> None:
    assert drawn
    ran = handouts("figure", "squat", "sink")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert title(ran.stdout) == "Squat: You sink down."
    assert handouts("figure", "squat", "sink", "--output", "-").stdout == ran.stdout
    assert handouts("figure", "squat", "sink", "--ink", "mono").stdout != ran.stdout


def test_the_help_shows_a_command_a_line(handouts: Run) -> None:
    assert "\n  handouts figure --pose pose.yaml --watch\n" in handouts("figure", "--help").stdout


def test_a_figure_is_the_same_in_each_process(spawn: Run) -> None:
    slug = "single-leg-deadlift"
    name = spawn("figure", slug).stdout.splitlines()[1].partition("\t")[0]
    drawn = {spawn("figure", slug, name, PYTHONHASHSEED=seed).stdout for seed in "123"}
    assert len(drawn) == 1
    assert title(drawn.pop())


def test_one_is_drawn_into_a_file(drawn: Path, handouts: Run) -> None:
    text = handouts("figure", "squat", "sink").stdout
    assert handouts("figure", "squat", "sink", "--output", "a/sink.svg").stdout == "a/sink.svg\n"
    assert (drawn / "a" / "sink.svg").read_text(encoding="utf-8") == text
    assert (
        handouts("figure", "squat", "sink", "--output", "sink.png", "--dpi", "72").returncode == 0
    )
    assert (
        handouts("figure", "squat", "sink", "--output", "big.png", "--dpi", "144").returncode == 0
    )
    with Image.open(drawn / "sink.png") as small, Image.open(drawn / "big.png") as big:
        assert small.format == "PNG"
        assert abs(big.width - 2 * small.width) <= 2


def test_all_are_drawn_into_a_folder(drawn: Path, handouts: Run) -> None:
    ran = handouts("figure", "squat", "--output", "figures")
    assert ran.stdout.split() == ["figures/stand.svg", "figures/sink.svg"]
    assert title((drawn / "figures" / "stand.svg").read_text(encoding="utf-8")).startswith("Squat:")


def test_the_workspace_says_what_the_printer_prints_with(drawn: Path, handouts: Run) -> None:
    before = handouts("figure", "squat", "sink", "--ink", "mono").stdout
    (drawn / "handouts.toml").write_text('[print]\nink = "mono"\n', encoding="utf-8")
    assert handouts("figure", "squat", "sink").stdout == before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["squat", "snk"], 'squat.yaml: error[unknown-figure] there is no figure "snk"\n'),
        (["sqat"], 'did you mean "squat"?'),
        (["squat", "xyz"], "hint: known here: stand, sink"),
        (["squat", "snk"], 'did you mean "sink"?'),
    ],
)
def test_an_unknown_name_is_suggested(
    drawn: Path, handouts: Run, words: list[str], said: str
) -> None:
    assert drawn
    ran = handouts("figure", *words)
    assert (ran.returncode, ran.stdout) == (3, "")
    assert said in ran.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "name an exercise"),
        (["squat", "sink", "--output", "sink.gif"], "neither a folder nor an .svg or .png"),
        (["squat", "--output", "sink.svg"], "takes one figure"),
        (["squat", "--output", "-"], "name one figure (stand, sink)"),
        (["squat", "--watch"], "--watch goes with --pose"),
        (["squat", "--gallery"], "--gallery goes with"),
        (["--gallery", "--output", "x.svg"], "is no .pdf file"),
        (["squat", "sink", "--pose", "x.yaml"], "name an exercise, or a file"),
        (["squat", "--dpi", "2"], "'--dpi'"),
    ],
)
def test_a_mistyped_command_is_told(
    drawn: Path, handouts: Run, words: list[str], said: str
) -> None:
    assert drawn
    ran = handouts("figure", *words)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert said in ran.stderr


def test_a_pose_of_ones_own_is_drawn(pose: Path, handouts: Run) -> None:
    ran = handouts("figure", "--pose", pose.name)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert title(ran.stdout) == "Standing, seen from the side; right hip bent 70°"


def test_several_poses_are_listed_or_drawn_by_name(pose: Path, handouts: Run) -> None:
    pose.write_text(FIGURES, encoding="utf-8")
    assert handouts("figure", "--pose", "lift.yaml").stdout.split() == ["stand", "sink"]
    assert title(handouts("figure", "--pose", "lift.yaml", "sink").stdout) == "You sink down."
    ran = handouts("figure", "--pose", "lift.yaml", "--output", "all")
    assert ran.stdout.split() == ["all/stand.svg", "all/sink.svg"]


def test_everything_wrong_with_a_pose_is_told_at_once(pose: Path, handouts: Run) -> None:
    pose.write_text("base: sqat\njoints: {right-hip: 200, left-knes: 3}\n", encoding="utf-8")
    ran = handouts("figure", "--pose", "lift.yaml", "--output", "lift.svg")
    assert (ran.returncode, ran.stdout) == (3, "")
    assert "lift.yaml:1:1: error[not-a-choice] base" in ran.stderr
    assert "lift.yaml:2:10: error[out-of-range] joints.right-hip" in ran.stderr
    assert "write a number from -35 to 135" in ran.stderr
    assert 'did you mean "left-knee"?' in ran.stderr
    assert not pose.with_suffix(".svg").exists()


class Watched:
    """A command that watches a file, and what it has said so far."""

    def __init__(self, folder: Path) -> None:
        """Start it."""
        self.folder = folder
        words = ("figure", "--pose", "lift.yaml", "--watch")
        with (folder / "said").open("w", encoding="utf-8") as said:
            self.process = subprocess.Popen(
                [sys.executable, "-u", "-m", "handouts", *words],
                cwd=folder,
                stdout=said,
                stderr=subprocess.STDOUT,
            )

    def wait_for(self, text: str, times: int = 1) -> str:
        """Return all that it said as soon as it has said the text so often."""
        end = time.monotonic() + 20
        while time.monotonic() < end:
            said = (self.folder / "said").read_text(encoding="utf-8")
            if said.count(text) >= times:
                return said
            time.sleep(0.02)
        pytest.fail(f"{text!r} was not said {times} times: {said}")


@pytest.fixture
def watched(pose: Path) -> Iterator[Watched]:
    """Watch the pose's file."""
    watching = Watched(pose.parent)
    yield watching
    watching.process.kill()
    watching.process.wait()


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C is sent otherwise there")
def test_a_watched_file_is_drawn_at_each_change_until_ctrl_c(pose: Path, watched: Watched) -> None:
    drawing = pose.with_suffix(".svg")
    watched.wait_for("lift.svg\n")
    first = drawing.read_text(encoding="utf-8")
    pose.write_text("base: standing\njoints: {right-hip: 200}\n", encoding="utf-8")
    watched.wait_for("lift.yaml:2:10: error[out-of-range]")
    assert drawing.read_text(encoding="utf-8") == first
    pose.unlink()  # some editors do, before they write
    time.sleep(0.5)
    pose.write_text("base: standing\njoints: {right-hip: 30}\n", encoding="utf-8")
    watched.wait_for("lift.svg\n", 2)
    assert drawing.read_text(encoding="utf-8") != first
    pose.write_text(FIGURES, encoding="utf-8")
    watched.wait_for("lift/sink.svg\n")
    watched.process.send_signal(signal.SIGINT)
    assert watched.process.wait(10) == 0
    said = watched.wait_for("Stopped.")
    assert said.startswith("Watching lift.yaml; Ctrl-C ends.\n")
    assert "Traceback" not in said
    assert "unreadable" not in said


def test_the_gallery_is_an_accessible_pdf_with_numbered_pages(nowhere: Path, handouts: Run) -> None:
    ran = handouts("figure", "--gallery")
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "output/figures.pdf\n", "")
    pdf = (nowhere / "output" / "figures.pdf").read_bytes()
    found = page.validate_pdf_bytes(pdf, profile=page.ValidationProfile.PDF_UA_1)
    assert [failure.rule_id for failure in found.failures] == []
    document = pypdfium2.PdfDocument(pdf)
    texts = [each.get_textpage().get_text_bounded() for each in document]
    assert {tuple(round(side) for side in each.get_size()) for each in document} == {(595, 842)}
    document.close()
    for number, text in enumerate(texts, 1):
        assert f"Page {number} of {len(texts)}" in text
    whole = "".join(texts)
    assert [base for base in Base if f"base: {base}" not in whole] == []
    assert handouts("figure", "--gallery", "--output", "again.pdf").returncode == 0
    assert (nowhere / "again.pdf").read_bytes() == pdf


def test_the_gallery_is_drawn_in_greys_for_a_mono_printer(nowhere: Path, handouts: Run) -> None:
    assert handouts("figure", "--gallery", "--ink", "mono", "--output", "m.pdf").returncode == 0
    document = pypdfium2.PdfDocument((nowhere / "m.pdf").read_bytes())
    for each in document:
        red, green, blue = each.render(scale=0.4).to_pil().convert("RGB").split()
        assert red.tobytes() == green.tobytes() == blue.tobytes()
    document.close()


@pytest.mark.parametrize(
    ("typed", "word", "expected"),
    [
        ("handouts figure squ", "squ", "squat\tSquat\n"),
        ("handouts figure squat s", "s", "stand\tstart of sink\nsink\tstep 1: Sit back\n"),
        ("handouts figure --pose lift.yaml si", "si", "sink\n"),
        ("handouts figure --pose none.yaml si", "si", "\n"),
        ("handouts figure squat --ink m", "m", "mono\n"),
    ],
)
def test_names_complete(drawn: Path, spawn: Run, typed: str, word: str, expected: str) -> None:
    (drawn / "lift.yaml").write_text(FIGURES, encoding="utf-8")
    ran = spawn(_HANDOUTS_COMPLETE="powershell_complete", COMP_WORDS=typed, COMP_WORD=word)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, expected, "")
