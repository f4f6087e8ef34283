"""Turn a programme and a list of clients into who must avoid what: ``handouts screen``."""

from __future__ import annotations

import json
import sys
import textwrap
from typing import TYPE_CHECKING

import click

from handouts.cli.output import show_report, show_rows, style_heading, text_width
from handouts.cli.shared import complete_programme, open_workspace
from handouts.problem import ExitCode, Report

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from handouts.model.vocabulary import Condition
    from handouts.screening import Finding, Screened


@click.command("screen")
@click.argument("programme", shell_complete=complete_programme)
@click.option(
    "--clients",
    metavar="FILE",
    type=click.Path(),
    help="List of clients: .csv, .xlsx or .yaml. Default: your workspace's.",
)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object for a script.")
@click.pass_context
def command(ctx: click.Context, programme: str, clients: str | None, *, as_json: bool) -> ExitCode:
    """Check a programme against the conditions of every client.

    Print each client and exercise with what the client should do: avoid, ask-first,
    adapt, ok, or cleared where a clinician has overridden an "avoid".
    Exit with 3 if anyone must avoid an exercise and nobody has cleared it.

    \b
    handouts screen hip-strength-beginners --clients clients.csv
    """
    from handouts.consultation import consult
    from handouts.screening import explain_blocks

    report = Report()
    consulted = consult(open_workspace(ctx), programme, clients, report)
    conditions, cells = consulted.vocabulary.conditions, consulted.cells
    report.extend(explain_blocks(cells, conditions))
    if as_json:
        data = {
            "programme": programme,
            "clients": [client.id for client in consulted.clients],
            "exercises": [*consulted.planned.programme.exercises()],
            "cells": [_as_dict(cell, conditions) for cell in cells],
        }
        click.echo(json.dumps(data, ensure_ascii=False, indent=2))
    elif sys.stdout.isatty():
        _show_blocks(cells, conditions)
    else:
        show_rows((), [_as_row(cell, conditions) for cell in cells])
    show_report(report)
    return ExitCode.DATA if report.errors else ExitCode.DONE


def _as_row(cell: Screened, conditions: Mapping[str, Condition]) -> tuple[str, ...]:
    from handouts.screening import explain_finding

    reasons = [explain_finding(found, conditions) for found in cell.findings]
    return cell.client.id, cell.exercise.slug, cell.result, " | ".join(reasons)


def _as_dict(cell: Screened, conditions: Mapping[str, Condition]) -> dict[str, object]:
    return {
        "client": cell.client.id,
        "exercise": cell.exercise.slug,
        "result": cell.result,
        "blocked": cell.blocked,
        "findings": [_finding_as_dict(found, conditions) for found in cell.findings],
    }


def _finding_as_dict(found: Finding, conditions: Mapping[str, Condition]) -> dict[str, object]:
    from handouts.screening import explain_finding

    return {
        "has": found.has,
        "level": found.level,
        "relation": found.relation,
        "reason": explain_finding(found, conditions),
        "precaution": found.precaution.model_dump(mode="json"),
        "easier": found.easier.name if found.easier else None,
        "override": found.override.model_dump(mode="json") if found.override else None,
    }


def _show_blocks(cells: Sequence[Screened], conditions: Mapping[str, Condition]) -> None:
    """Print a heading a client, a line an exercise, and every reason whole beneath it."""
    from handouts.screening import explain_finding

    last = ""
    for cell in cells:
        if cell.client.id != last:
            click.echo(style_heading(f"{cell.client.name} ({cell.client.id})"))
            last = cell.client.id
        click.echo(f"  {cell.result:<10} {cell.exercise.name}")
        for found in cell.findings:
            indent = " " * 13
            reason = f"{found.level}: {explain_finding(found, conditions)}"
            click.echo(
                textwrap.fill(reason, text_width(), initial_indent=indent, subsequent_indent=indent)
            )
