"""Turn one exercise or programme into text for the terminal: ``handouts show``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from handouts.cli.output import show_report, style_heading, text_width
from handouts.cli.shared import complete_exercise, open_workspace
from handouts.problem import Report

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from handouts.model.exercise import Exercise
    from handouts.model.programme import Programme
    from handouts.source.library import Vocabulary
    from handouts.source.workspace import Workspace
    from handouts.theme.outline import Block
    from handouts.theme.words import Words


@click.command("show")
@click.argument("slug", shell_complete=complete_exercise)
@click.option("--json", "as_json", is_flag=True, help="Print the checked data for a script.")
@click.pass_context
def command(ctx: click.Context, slug: str, *, as_json: bool) -> None:
    """Show everything that is known of an exercise or of a programme.

    Where both have one name, it is the exercise that is shown.

    \b
    handouts show hip-hinge
    handouts show balance
    """
    from handouts.source.library import read_vocabulary

    workspace, report = open_workspace(ctx), Report()
    is_plan = slug in workspace.programme_files() and slug not in workspace.exercise_files()
    file = workspace.programme_file(slug) if is_plan else workspace.exercise_file(slug)
    vocabulary = read_vocabulary(workspace, report)
    write = _write_programme if is_plan else _write_exercise
    written = write(file, workspace, vocabulary, report, as_json=as_json)
    report.raise_errors()
    click.echo(written)
    show_report(report)


def _write_exercise(
    file: Path, workspace: Workspace, vocabulary: Vocabulary, report: Report, *, as_json: bool
) -> str | None:
    from handouts.source.library import read_exercise
    from handouts.source.workspace import show_path
    from handouts.theme.outline import outline_exercise

    exercise = read_exercise(file, show_path(file), vocabulary, report)
    if exercise is None:
        return None
    if as_json:
        return _write_json(exercise)
    words = _words(workspace, exercise.language)
    return _write_blocks(outline_exercise(exercise, vocabulary, words))


def _write_programme(
    file: Path, workspace: Workspace, vocabulary: Vocabulary, report: Report, *, as_json: bool
) -> str | None:
    from handouts.source.programme import read_programme
    from handouts.source.workspace import show_path
    from handouts.theme.plan import outline_programme

    planned = read_programme(file, show_path(file), workspace, vocabulary, report)
    if planned is None:
        return None
    programme, exercises = planned.programme, planned.exercises
    if as_json:
        return _write_json(programme)
    words = _words(workspace, programme.language)
    return _write_blocks(outline_programme(programme, exercises, vocabulary, words))


def _write_json(shown: Exercise | Programme) -> str:
    data = {"slug": shown.slug, **shown.model_dump(mode="json")}
    return json.dumps(data, ensure_ascii=False, indent=2)


def _write_blocks(blocks: Iterable[Block]) -> str:
    return "\n\n".join(
        "\n".join([style_heading(block.heading), *_wrap_lines(block.lines)]) for block in blocks
    )


def _words(workspace: Workspace, language: str) -> Words:
    from handouts.order import Order
    from handouts.theme.words import read_words

    return read_words(Order(workspace, {}).chain, language)


def _wrap_lines(lines: tuple[tuple[str, str], ...]) -> list[str]:
    """Wrap each text behind its mark ("1. ", "- "), further lines as far in as the first."""
    import textwrap

    return [
        textwrap.fill(
            " ".join(text.split()),
            text_width(),
            initial_indent=mark,
            subsequent_indent=" " * len(mark),
            break_long_words=False,
            break_on_hyphens=False,
        )
        for mark, text in lines
    ]
