"""Turn exercises and a workspace into all that is wrong with them: ``handouts check``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from handouts.cli.output import count_problems, paint, show_progress
from handouts.cli.shared import complete_exercise, open_workspace
from handouts.problem import ExitCode, HandoutError, Place, Report

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from handouts.inspection import Inspected
    from handouts.source.workspace import Workspace

_PAGES_OF_A_SHEET = 2


@click.command("check")
@click.argument("names", metavar="[PATH|SLUG]…", nargs=-1, shell_complete=complete_exercise)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array for a script.")
@click.option("--strict", is_flag=True, help="Let warnings fail as errors do.")
@click.option(
    "--layout/--no-layout",
    default=True,
    show_default=True,
    help="Lay out each handout, to see that it fits on one sheet.",
)
@click.pass_context
def command(
    ctx: click.Context, names: tuple[str, ...], *, as_json: bool, strict: bool, layout: bool
) -> ExitCode:
    """List every problem of exercises, settings and templates.

    Errors stop a handout. Warnings say where a client could stumble: long
    sentences, hard words, missing parts, more than one sheet of paper.
    Without a path it checks your workspace; outside of one, what is shipped.

    \b
    handouts check
    handouts check exercises/squat.yaml hip-hinge
    """
    from handouts.inspection import inspect_paths, inspect_workspace

    workspace = open_workspace(ctx)
    inspected = inspect_paths(workspace, names) if names else inspect_workspace(workspace)
    engine = _check_sheets(workspace, inspected) if layout else None
    report = inspected.report.sorted()
    if as_json:
        click.echo(report.as_json())
    else:
        for problem in report:
            click.echo(paint(problem, to_stderr=False))
    click.echo(f"{inspected}: {count_problems(report)}", err=True)
    if engine is not None:
        return engine
    faulty = bool(report.errors) or (strict and len(report) > 0)
    return ExitCode.DATA if faulty else ExitCode.DONE


def _check_sheets(workspace: Workspace, inspected: Inspected) -> ExitCode | None:
    """Lay out the sound exercises; return an exit code only if there is nothing to do it with."""
    from handouts.order import Look, Order
    from handouts.pipeline import make_handouts
    from handouts.source.workspace import show_path

    report = Report()
    with show_progress(len(inspected.sound)) as advance:
        for files in _split_by_slug(inspected.sound):
            order = Order(workspace, files, Look(size="standard", detail="essential"))
            try:
                for slug, handout in make_handouts(order, report):
                    advance()
                    if handout.pages > _PAGES_OF_A_SHEET:
                        _warn_of_length(handout.pages, Place(show_path(files[slug])), report)
            except HandoutError as error:
                report.extend(error.report)
                if error.exit_code is ExitCode.ENGINE:
                    inspected.report.extend(report)
                    return error.exit_code
    inspected.report.extend(report)
    return None


def _split_by_slug(files: dict[Path, str]) -> Iterator[dict[str, Path]]:
    """Yield orders for all files; two of the same name cannot stand in one."""
    waiting = dict(files)
    while waiting:
        batch = {slug: file for file, slug in reversed(waiting.items())}
        yield dict(reversed(batch.items()))
        for file in batch.values():
            del waiting[file]


def _warn_of_length(pages: int, place: Place, report: Report) -> None:
    report.warn(
        "over-one-sheet",
        f"the handout fills {pages} pages; one sheet has {_PAGES_OF_A_SHEET}",
        place,
        hint="shorten the longest steps, errors and progressions, or split the exercise",
    )
