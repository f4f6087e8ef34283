"""Turn one exercise into text for the terminal: ``handouts show``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from handouts.cli.output import show_report, style_heading, text_width
from handouts.cli.shared import complete_exercise, open_workspace
from handouts.problem import Report

if TYPE_CHECKING:
    from handouts.model.exercise import Exercise
    from handouts.source.library import Vocabulary
    from handouts.source.workspace import Workspace
    from handouts.theme.words import Words


@click.command("show")
@click.argument("slug", shell_complete=complete_exercise)
@click.option("--json", "as_json", is_flag=True, help="Print the checked data for a script.")
@click.pass_context
def command(ctx: click.Context, slug: str, *, as_json: bool) -> None:
    """Show everything that is known of an exercise.

    \b
    handouts show hip-hinge
    """
    from handouts.source.library import read_exercise, read_vocabulary
    from handouts.source.workspace import show_path

    workspace, report = open_workspace(ctx), Report()
    file = workspace.exercise_file(slug)
    vocabulary = read_vocabulary(workspace, report)
    exercise = read_exercise(file, show_path(file), vocabulary, report)
    report.raise_errors()
    if exercise is None:
        return
    if as_json:
        data = {"slug": exercise.slug, **exercise.model_dump(mode="json")}
        click.echo(json.dumps(data, ensure_ascii=False, indent=2))
    else:
        click.echo(_write(workspace, exercise, vocabulary))
    show_report(report)


def _write(workspace: Workspace, exercise: Exercise, vocabulary: Vocabulary) -> str:
    from handouts.theme.outline import outline_exercise

    blocks = outline_exercise(exercise, vocabulary, _words(workspace, exercise))
    return "\n\n".join(
        "\n".join([style_heading(block.heading), *_wrap_lines(block.lines)]) for block in blocks
    )


def _words(workspace: Workspace, exercise: Exercise) -> Words:
    from handouts.order import Order
    from handouts.theme.words import read_words

    order = Order(workspace, {})
    return read_words(order.chain, exercise.language)


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
