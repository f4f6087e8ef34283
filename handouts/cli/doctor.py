"""Turn this machine's state into findings and the commands that mend it: ``handouts doctor``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from handouts.cli.output import has_colour
from handouts.cli.shared import open_workspace
from handouts.problem import ExitCode

if TYPE_CHECKING:
    from handouts.diagnosis import Finding


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array for a script.")
@click.option("--mail", is_flag=True, help="Log in to your mail server, and send nothing.")
@click.option("--plain-loopback", is_flag=True, help="A server on this machine, not encrypted.")
@click.pass_context
def command(ctx: click.Context, *, as_json: bool, mail: bool, plain_loopback: bool) -> ExitCode:
    """Look whether this machine can make handouts, and say what mends it."""
    from handouts.diagnosis import diagnose, diagnose_mail

    workspace = open_workspace(ctx)
    found = diagnose_mail(workspace, plain_loopback=plain_loopback) if mail else diagnose(workspace)
    findings = []
    for finding in found:
        findings.append(finding)
        if not as_json:
            click.echo(_write(finding, "mend" if mail else "run"))
    if as_json:
        click.echo(json.dumps([_as_dict(row) for row in findings], ensure_ascii=False, indent=2))
    faults = [finding for finding in findings if not finding.is_sound]
    if not faults:
        click.echo("All is well.", err=True)
        return ExitCode.DONE
    click.echo(f"{len(faults)} fault{'s' * (len(faults) > 1)}", err=True)
    codes = {fault.exit_code for fault in faults}
    worst = (ExitCode.ENGINE, ExitCode.DELIVERY)
    return next((code for code in worst if code in codes), ExitCode.DATA)


def _write(finding: Finding, verb: str) -> str:
    mark = "ok   " if finding.is_sound else "FAULT"
    if has_colour():
        mark = click.style(mark, fg="green" if finding.is_sound else "red", bold=True)
    line = f"{mark}  {finding.name}: {finding.said}"
    return line if finding.is_sound else f"{line}\n       {verb}: {finding.remedy}"


def _as_dict(finding: Finding) -> dict[str, object]:
    remedy = "" if finding.is_sound else finding.remedy
    return {"name": finding.name, "ok": finding.is_sound, "said": finding.said, "remedy": remedy}
