"""Every problem of ``handouts.toml`` has its line and column."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from handouts.problem import HandoutError, Report
from handouts.source.settings import parse_settings

if TYPE_CHECKING:
    from handouts.source.workspace import Workspace

TOML_HINT = "compare the line with one that works; text stands in quotes"


def problems(text: str) -> list[str]:
    report = Report()
    parse_settings(text.encode(), "handouts.toml", report)
    return [f"{problem.place}: {problem.code} | {problem.hint}" for problem in report.sorted()]


def test_settings_are_read() -> None:
    report = Report()
    text = '[trainer]\nname = "Ann"\n[print]\npaper = "letter"\n'
    settings = parse_settings(text.encode(), "handouts.toml", report)
    assert settings is not None
    assert (settings.trainer.name, settings.print.paper) == ("Ann", "letter")
    assert list(report) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('[trainer]\nnmae = "A"\n', ['handouts.toml:2:1: unknown-key | did you mean "name"?']),
        ("[trainr]\n", ['handouts.toml:1:2: unknown-key | did you mean "trainer"?']),
        ('print.paper = "a5"\n', ["handouts.toml:1:1: not-a-choice | "]),
        (
            '[print]\n# no\n  size = "lage"\n',
            ['handouts.toml:3:3: not-a-choice | did you mean "large"?'],
        ),
        (
            "[trainer]\ntelephone = 447700900123\n",
            ['handouts.toml:2:1: wrong-shape | put it in quotes: "447700900123"'],
        ),
        (
            '[trainer]\nname = "a\\u202eb"\n',
            ["handouts.toml:2:1: bad-character | delete it"],
        ),
        (
            "[trainer]\nname = Ann\n",
            [f"handouts.toml:2:8: toml-syntax | {TOML_HINT}"],
        ),
        (
            '[trainer]\nname = """\nprint = \n[print]"""\nemial = "x"\n',
            ['handouts.toml:5:1: unknown-key | did you mean "email"?'],
        ),
        ("a = " + "[" * 5000, ["handouts.toml: too-deep | "]),
    ],
)
def test_a_problem_says_where_and_what_instead(text: str, expected: list[str]) -> None:
    assert problems(text) == expected


@pytest.mark.parametrize("text", ["a = " + "9" * 5000, "a = 2026-99-99", "x", "\0"])
def test_nothing_in_the_file_raises(text: str) -> None:
    assert problems(text)


def test_settings_that_are_wrong_stop_the_work(workspace: Workspace) -> None:
    assert workspace.settings_file
    workspace.settings_file.write_text("[trainr]\n", encoding="utf-8")
    with pytest.raises(HandoutError) as caught:
        _ = workspace.settings
    assert [problem.code for problem in caught.value.report] == ["unknown-key"]
