"""Turn a name into a commented file to fill in: ``handouts new``."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

import click

from handouts.cli.create import create_files, require_root
from handouts.cli.output import show_report
from handouts.cli.shared import open_workspace
from handouts.problem import ExitCode, HandoutError, Place, Report

if TYPE_CHECKING:
    from pathlib import Path

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
    from handouts.assets import LIBRARY, SCHEMAS
    from handouts.source.workspace import show_path

    root = require_root(open_workspace(ctx))
    name = _clean_name(name)
    slug = _choose_slug(name, slug)
    file = root / "exercises" / f"{slug}.yaml"
    text = (LIBRARY / "new" / "exercise.yaml").read_text(encoding="utf-8")
    text = text.replace("@NAME@", _quote_scalar(name)).replace("@SLUG@", slug)
    contents = {file: text.encode()}
    schema = root / "schemas" / "exercise.schema.json"
    if not schema.exists():
        contents[schema] = (SCHEMAS / schema.name).read_bytes()
    create_files(contents)
    click.echo(show_path(file))
    _warn_of_shadow(file, LIBRARY / "exercises" / file.name)


def _clean_name(name: str) -> str:
    name = " ".join(name.split())
    if not name or not name.isprintable() or len(name) > _LONGEST_NAME:
        raise HandoutError.of(
            "bad-name",
            "the name is empty, too long, or has characters that cannot be printed",
            hint='write it as it should stand on the page: handouts new exercise "Split squat"',
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


def _warn_of_shadow(file: Path, shipped: Path) -> None:
    from handouts.source.workspace import show_path

    report = Report()
    if shipped.is_file():
        report.warn(
            "shadows-shipped",
            "from now on this file stands in for the shipped exercise of the same name",
            Place(show_path(file)),
            hint="give it another --slug if you want to keep both",
        )
    show_report(report)
