"""The worked example of docs/themes.md prints without a problem, accessible in every look."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import page
import pytest

from handouts.order import Look, Order
from handouts.pipeline import make_handouts
from handouts.problem import Report
from handouts.source.workspace import find_workspace

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "my-practice"
LOOKS = list(product(["a4", "letter"], ["standard", "large"], ["colour", "mono"]))


@pytest.mark.parametrize(("paper", "size", "ink"), LOOKS)
def test_the_example_prints_in_every_look(paper: str, size: str, ink: str) -> None:
    report = Report()
    workspace = find_workspace(EXAMPLE, report)
    files = {"split-squat": workspace.exercise_file("split-squat")}
    order = Order(workspace, files, Look(paper=paper, size=size, ink=ink))
    assert order.chain.theme.name == "harbour"
    made = dict(make_handouts(order, report))
    assert list(report) == []
    assert size == "large" or made["split-squat"].pages == 2
    found = page.validate_pdf_bytes(
        made["split-squat"].pdf, profile=page.ValidationProfile.PDF_UA_1
    )
    assert [failure.rule_id for failure in found.failures] == []
