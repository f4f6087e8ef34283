"""Turn a name into a commented file to fill in: ``handouts new``."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

import click

from handouts.cli.create import create_files, require_root
from handouts.cli.output import show_report
from handouts.cli.shared import complete_exercise, open_workspace
from handouts.problem import ExitCode, HandoutError, Place, Report

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from handouts.source.workspace import Workspace

_LONGEST_SLUG = 64
_LONGEST_NAME = 200


@click.group("new")
def command() -> None:
    """Begin a new file of your own."""


@command.command("exercise")
@click.argument("name")
@click.option("--slug", help="The file's name without .yaml, if not made from NAME.")
@click.pass_context
def exercise(ctx: click.Context, name: str, slug: str | None) -> None:
    """Write a commented file for a new exercise into your workspace.

    \b
    handouts new exercise "Split squat"
    """
    root = require_root(open_workspace(ctx))
    _begin_file(root, "exercise", name, slug, {})


@command.command("programme")
@click.argument("name")
@click.argument("exercises", metavar="[EXERCISE]…", nargs=-1, shell_complete=complete_exercise)
@click.option("--slug", help="The file's name without .yaml, if not made from NAME.")
@click.pass_context
def programme(ctx: click.Context, name: str, exercises: tuple[str, ...], slug: str | None) -> None:
    """Write a commented file for a new programme into your workspace.

    It has one session of the exercises that you name; without any, of the first there is. No dose
    is made up: there is a line to write on until you give one.

    \b
    handouts new programme "Steady start" hip-hinge
    """
    workspace = open_workspace(ctx)
    root = require_root(workspace)
    for named in exercises:
        workspace.exercise_file(named)
    chosen = [*dict.fromkeys(exercises)] or list(workspace.exercise_files())[:1]
    values = {
        "ROWS": "\n".join(f"      - exercise: {each}" for each in chosen),
        "EXERCISE": chosen[-1],
        "RUNG": _quote_scalar(_find_rung(workspace, chosen[-1])),
    }
    file = _begin_file(root, "programme", name, slug, values)
    click.echo(f"Write your plan into {file}, then: handouts check {file}", err=True)


@command.command("clients")
@click.option("--csv", "as_table", is_flag=True, help="A table for a spreadsheet, without notes.")
@click.pass_context
def clients(ctx: click.Context, *, as_table: bool) -> None:
    """Write a list of clients with one example into your workspace.

    \b
    handouts new clients
    """
    from handouts.assets import LIBRARY
    from handouts.source.workspace import ROSTERS, show_path

    root = require_root(open_workspace(ctx))
    for there in (root / name for name in ROSTERS):
        if there.exists():
            raise HandoutError.of(
                "file-exists",
                "this is your list of clients already",
                Place(show_path(there)),
                hint="nothing was written; add your clients to it",
                exit_code=ExitCode.USAGE,
            )
    file = root / ("clients.csv" if as_table else "clients.yaml")
    contents = {file: (LIBRARY / "new" / file.name).read_bytes()}
    if not as_table:
        contents |= _missing_schema(root, "clients")
    create_files(contents)
    shown = show_path(file)
    click.echo(shown)
    click.echo(f"Write your clients into {shown}, then: handouts check {shown}", err=True)


def _begin_file(
    root: Path, kind: str, name: str, slug: str | None, values: Mapping[str, str]
) -> str:
    """Write the file of an exercise or a programme; return its path as the user would type it."""
    from handouts.assets import LIBRARY
    from handouts.source.workspace import show_path

    name = _clean_name(name, kind)
    slug = _choose_slug(name, slug)
    file = root / f"{kind}s" / f"{slug}.yaml"
    text = (LIBRARY / "new" / f"{kind}.yaml").read_text(encoding="utf-8")
    # In one go: a name may itself hold "@SLUG@".
    filled = {"NAME": _quote_scalar(name), "SLUG": slug, **values}
    text = re.sub("@([A-Z]+)@", lambda mark: filled[mark[1]], text)
    create_files({file: text.encode(), **_missing_schema(root, kind)})
    click.echo(show_path(file))
    _warn_of_shadow(file, LIBRARY / f"{kind}s" / file.name, kind)
    return show_path(file)


def _missing_schema(root: Path, kind: str) -> dict[Path, bytes]:
    from handouts.assets import SCHEMAS

    schema = root / "schemas" / f"{kind}.schema.json"
    return {} if schema.exists() else {schema: (SCHEMAS / schema.name).read_bytes()}


def _find_rung(workspace: Workspace, slug: str) -> str:
    """Return the first rung of an exercise's ladder, for a note."""
    from handouts.source.library import read_exercise, read_vocabulary

    report = Report()
    vocabulary = read_vocabulary(workspace, report)
    found = read_exercise(workspace.exercise_file(slug), slug, vocabulary, report)
    return found.progressions[0].name if found and found.progressions else "Hold on to a wall"


def _clean_name(name: str, kind: str) -> str:
    name = " ".join(name.split())
    if not name or not name.isprintable() or len(name) > _LONGEST_NAME:
        raise HandoutError.of(
            "bad-name",
            "the name is empty, too long, or has characters that cannot be printed",
            hint=f'write it as it should stand on the page: handouts new {kind} "Steady start"',
            exit_code=ExitCode.USAGE,
        )
    return name


def _choose_slug(name: str, typed: str | None) -> str:
    """Return the slug: ``Élan (left)`` gives ``elan-left``."""
    from handouts.source.workspace import is_slug

    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    made = "-".join(re.findall(r"[a-z0-9]+", plain.replace("'", "")))[:_LONGEST_SLUG].strip("-")
    slug = typed if typed is not None else made
    if not is_slug(slug):
        raise HandoutError.of(
            "bad-slug",
            f'"{slug[:80]}" cannot be a file\'s name here',
            hint="choose small letters, digits and single hyphens: --slug split-squat",
            exit_code=ExitCode.USAGE,
        )
    return slug


def _quote_scalar(name: str) -> str:
    """Return the name as YAML reads it back: in double quotes unless it is plain words."""
    if re.fullmatch(r"[^\W\d_][\w ()/.-]*", name):
        return name
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _warn_of_shadow(file: Path, shipped: Path, kind: str) -> None:
    from handouts.source.workspace import show_path

    report = Report()
    if shipped.is_file():
        report.warn(
            "shadows-shipped",
            f"from now on this file stands in for the shipped {kind} of the same name",
            Place(show_path(file)),
            hint="give it another --slug if you want to keep both",
        )
    show_report(report)
