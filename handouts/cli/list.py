"""Turn the workspace and the library into the list of exercises: ``handouts list``."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from handouts.cli.output import show_report, show_rows
from handouts.cli.shared import open_workspace
from handouts.problem import ExitCode, Report

if TYPE_CHECKING:
    from handouts.source.headings import Heading


@click.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array for a script.")
@click.pass_context
def command(ctx: click.Context, *, as_json: bool) -> ExitCode:
    """List the exercises that can be printed.

    Outside a terminal, each line holds slug, position, name and summary with tabs between them.
    """
    from handouts.source.headings import list_headings

    report = Report()
    headings = list_headings(open_workspace(ctx), report)
    if as_json:
        click.echo(json.dumps([_as_dict(row) for row in headings], ensure_ascii=False, indent=2))
    else:
        rows = [(row.slug, row.position, row.name, row.summary) for row in headings]
        show_rows(("Exercise", "Position", "Name", "What it is"), rows)
    show_report(report)
    return ExitCode.DATA if report.errors else ExitCode.DONE


def _as_dict(heading: Heading) -> dict[str, object]:
    return {**asdict(heading), "file": str(heading.file)}
