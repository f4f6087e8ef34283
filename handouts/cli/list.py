"""Turn workspace and library into the list of exercises or programmes: ``handouts list``."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import click

from handouts.cli.output import show_report, show_rows
from handouts.cli.shared import open_workspace
from handouts.problem import ExitCode, Report

if TYPE_CHECKING:
    from pathlib import Path

    from handouts.source.headings import Heading
    from handouts.source.positioned import Positioned
    from handouts.source.workspace import Workspace


@dataclass(frozen=True, slots=True)
class _Plan:
    """What a list shows of a programme."""

    slug: str
    title: str
    weeks: int
    exercises: tuple[str, ...]
    """Slugs in the order of the sessions, each once."""
    file: Path


@click.command("list")
@click.option("--programmes", is_flag=True, help="List the programmes instead.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array for a script.")
@click.pass_context
def command(ctx: click.Context, *, programmes: bool, as_json: bool) -> ExitCode:
    """List the exercises that can be printed, or the programmes.

    Outside a terminal, each line holds slug, position, name and summary with tabs between them;
    of a programme slug, title, weeks and exercises.
    """
    report = Report()
    workspace = open_workspace(ctx)
    if programmes:
        _show_programmes(workspace, report, as_json=as_json)
    else:
        _show_exercises(workspace, report, as_json=as_json)
    show_report(report)
    return ExitCode.DATA if report.errors else ExitCode.DONE


def _show_exercises(workspace: Workspace, report: Report, *, as_json: bool) -> None:
    from handouts.source.headings import list_headings

    headings = list_headings(workspace, report)
    if as_json:
        _show_json(headings)
    else:
        rows = [(row.slug, row.position, row.name, row.summary) for row in headings]
        show_rows(("Exercise", "Position", "Name", "What it is"), rows)


def _show_programmes(workspace: Workspace, report: Report, *, as_json: bool) -> None:
    plans = _list_plans(workspace, report)
    if as_json:
        _show_json(plans)
    else:
        rows = [(row.slug, row.title, str(row.weeks), ", ".join(row.exercises)) for row in plans]
        show_rows(("Programme", "Title", "Weeks", "Exercises"), rows)


def _show_json(found: list[Heading] | list[_Plan]) -> None:
    rows = [{**asdict(row), "file": str(row.file)} for row in found]
    click.echo(json.dumps(rows, ensure_ascii=False, indent=2))


def _list_plans(workspace: Workspace, report: Report) -> list[_Plan]:
    """Return the programmes by slug; one that says too little is noted, not dropped.

    The exercises are not opened: `handouts check` says what is wrong with them.
    """
    from handouts.source.files import read_bytes
    from handouts.source.positioned import read_yaml
    from handouts.source.workspace import show_path

    plans = []
    for slug, file in workspace.programme_files(report).items():
        shown = show_path(file)
        data = read_bytes(file, shown, report)
        source = None if data is None else read_yaml(data, shown, report)
        plan = source and _to_plan(slug, file, source, report)
        if plan:
            plans.append(plan)
    return plans


def _to_plan(slug: str, file: Path, source: Positioned, report: Report) -> _Plan | None:
    title, weeks = source.data.get("title"), source.data.get("weeks")
    exercises = _name_exercises(source.data.get("sessions"))
    sound = {
        "title": isinstance(title, str) and bool(title.strip()),
        "weeks": isinstance(weeks, str) and bool(re.fullmatch("[0-9]{1,3}", weeks)),
        "sessions": bool(exercises),
    }
    for key, is_sound in sound.items():
        if is_sound or source.is_faulty((key,)):
            continue
        hint = f"`handouts check {source.file}` says what belongs here"
        if key in source.data:
            message = f"{key}: this cannot be listed"
            report.add("wrong-shape", message, source.place((key,)), hint=hint)
        else:
            report.add("missing-key", f'the key "{key}" is missing', source.place(()), hint=hint)
    if not all(sound.values()):
        return None
    return _Plan(slug, " ".join(str(title).split()), int(str(weeks)), exercises, file)


def _name_exercises(sessions: object) -> tuple[str, ...]:
    """Return every slug in the data's sessions, each once, whatever else they hold."""
    rows = [
        row
        for session in (sessions if isinstance(sessions, list) else [])
        if isinstance(session, dict) and isinstance(session.get("prescriptions"), list)
        for row in session["prescriptions"]
    ]
    named = [row.get("exercise") for row in rows if isinstance(row, dict)]
    return tuple(dict.fromkeys(slug for slug in named if isinstance(slug, str)))
