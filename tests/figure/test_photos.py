"""A photo of the trainer's own stands in for any figure, beside drawn ones."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import page as validator
import pikepdf
import pytest
from PIL import Image

from handouts.order import Order
from handouts.pipeline import make_handouts
from handouts.problem import HandoutError, Report
from handouts.source.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path

SQUAT = """\
name: Squat
summary: Sit down and stand up with no chair.
position: standing
muscles: {primary: [quadriceps]}
steps:
  - title: Sit back
    do: [Bend your knees.]
    figure: {file: images/sit.jpg, alt: Ann sits back in the park.}
  - title: Rise
    do: [Stand up.]
    figure: stand
errors:
  - name: Knees fall in
    looks_like: Your knees touch.
    correction: Push your knees out.
    figures: {wrong: {file: images/sit.jpg, alt: "Ann's knees touch."}, right: sink}
progressions:
  - {name: Hold on, direction: easier, how: Hold on to a chair., figure: stand}
avoid:
  - {condition: low-back-pain, basis: general}
figures:
  stand: {base: standing, view: front}
  sink: {base: squat, view: front}
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """Return a workspace with an exercise that has photos and drawn figures."""
    (tmp_path / "exercises").mkdir()
    (tmp_path / "exercises" / "squat.yaml").write_text(SQUAT, encoding="utf-8")
    (tmp_path / "images").mkdir()
    Image.radial_gradient("L").convert("RGB").save(tmp_path / "images" / "sit.jpg")
    return Workspace(tmp_path)


def render(workspace: Workspace) -> bytes:
    report = Report()
    order = Order(workspace, {"squat": workspace.exercise_file("squat")})
    [(_, made)] = make_handouts(order, report)
    assert [str(problem) for problem in report] == []
    return made.pdf


def list_words(node: Any) -> list[str]:  # noqa: ANN401  a PDF object
    """Return the words of every picture in a tree of tags."""
    if isinstance(node, pikepdf.Array):
        return [words for kid in list(node) for words in list_words(kid)]
    if not isinstance(node, pikepdf.Dictionary):
        return []
    own = [str(node.Alt)] if "/Alt" in node else []
    return own + (list_words(node.K) if "/K" in node else [])


def test_photos_and_drawings_stand_on_one_accessible_page(workspace: Workspace) -> None:
    pdf = render(workspace)
    found = validator.validate_pdf_bytes(pdf, profile=validator.ValidationProfile.PDF_UA_1)
    assert [failure.rule_id for failure in found.failures] == []
    with pikepdf.open(io.BytesIO(pdf)) as document:
        words = list_words(document.Root.StructTreeRoot.K)
    assert "Ann sits back in the park." in words
    assert "Ann's knees touch." in words
    assert len(words) >= 5  # two photos and three drawings


def test_a_changed_photo_changes_the_page(workspace: Workspace) -> None:
    before = render(workspace)
    assert workspace.root
    Image.linear_gradient("L").save(workspace.root / "images" / "sit.jpg")
    assert render(workspace) != before


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (", alt: Ann sits back in the park.", "", "bad-figure"),
        ("{file: images/sit.jpg, alt: Ann", "{alt: Ann", "bad-figure"),
        ("alt: Ann sits back in the park.", 'alt: ""', "empty-value"),
        ("{file: images/sit.jpg", "{file: images/sat.jpg", "picture-missing"),
        ("figure: stand", "figure: stnd", "unknown-figure"),
    ],
)
def test_a_picture_without_words_or_file_is_a_problem(
    workspace: Workspace, old: str, new: str, code: str
) -> None:
    file = workspace.exercise_file("squat")
    file.write_text(SQUAT.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(HandoutError) as error:
        render(workspace)
    assert {problem.code for problem in error.value.report} == {code}
