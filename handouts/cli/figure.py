"""Turn poses into pictures, one at a time or on a contact sheet: ``handouts figure``."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

from handouts.cli.drawable import read_drawable
from handouts.cli.output import show_report, show_rows
from handouts.cli.shared import INKS, complete_exercise, open_workspace
from handouts.problem import HandoutError, Report

if TYPE_CHECKING:
    from collections.abc import Iterator

    from handouts.cli.drawable import Drawable

_STDOUT = "-"
_SUFFIXES = (".svg", ".png")
# Seconds between two looks at the file that is watched.
_POLL = 0.2


@dataclass(frozen=True)
class Print:
    """Where and how pictures are written."""

    output: str | None
    """A file, a folder, ``-``, or None for standard output."""
    mono: bool
    dpi: int


def _complete_first(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Offer exercises, or the figures of the file that is drawn instead of one."""
    if ctx.params.get("pose_file"):
        return _complete_name(ctx, param, incomplete)
    return complete_exercise(ctx, param, incomplete)


def _complete_name(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Offer the figures that begin so, with what each is for."""
    del param
    try:
        found = read_drawable(ctx, ctx.params.get("slug"), ctx.params.get("pose_file"))
    except HandoutError:
        return []
    return [
        CompletionItem(name, help=", ".join(found.uses.get(name, [])))
        for name in found.poses
        if name.startswith(incomplete)
    ]


@click.command("figure")
@click.argument("slug", required=False, shell_complete=_complete_first)
@click.argument("name", required=False, shell_complete=_complete_name)
@click.option(
    "--pose",
    "pose_file",
    metavar="FILE",
    type=click.Path(dir_okay=False),
    help="Draw a file of your own.",
)
@click.option("--watch", is_flag=True, help="Draw it again whenever the file changes.")
@click.option("--gallery", is_flag=True, help="Make a PDF of all that can be drawn, and how.")
@click.option("--output", metavar="FILE|DIR|-", help="An .svg or .png file, or a folder for all.")
@click.option("--ink", type=click.Choice(INKS), help="What the printer prints with.")
@click.option("--dpi", type=click.IntRange(36, 1200), default=300, help="Dots an inch of a .png.")
@click.pass_context
def command(  # noqa: PLR0913, PLR0917  one parameter an option
    ctx: click.Context,
    /,
    slug: str | None,
    name: str | None,
    pose_file: str | None,
    output: str | None,
    ink: str | None,
    dpi: int,
    *,
    watch: bool,
    gallery: bool,
) -> None:
    """Draw the figures of an exercise, or poses of your own.

    Without a figure's name, list those of the exercise and what each is for.

    \b
    handouts figure hip-hinge
    handouts figure hip-hinge bow --output bow.png
    handouts figure --pose pose.yaml --watch
    handouts figure --gallery
    """
    if gallery and not (slug or pose_file or watch):
        _write_gallery(ctx, output, ink)
        return
    if gallery:
        raise click.UsageError("--gallery goes with --output and --ink only")
    if not (slug or pose_file) or (pose_file and name):
        raise click.UsageError("name an exercise, or a file with --pose, or say --gallery")
    if watch and not pose_file:
        raise click.UsageError("--watch goes with --pose")
    if pose_file:  # the one word beside it is a figure's name
        slug, name = None, slug
    way = Print(output, (ink or open_workspace(ctx).settings.print.ink) == "mono", dpi)
    if watch and pose_file:
        _watch(ctx, Path(pose_file), name, way)
        return
    found = read_drawable(ctx, slug, pose_file)
    names = found.choose(name)
    if name or output or (pose_file and len(names) == 1):
        _write(found, names, way)
    else:
        _list(found)


def _list(found: Drawable) -> None:
    names = [*found.poses, *(name for name in found.uses if name not in found.poses)]
    rows = [(name, "; ".join(found.uses.get(name, []))) for name in names]
    show_rows(("Figure", "Used by"), rows)


def _write(found: Drawable, names: list[str], way: Print) -> None:
    from handouts.bind.publish import publish
    from handouts.source.workspace import show_path

    for name, target in _choose_targets(names, way.output):
        svg = found.draw(name, mono=way.mono)
        if target is None:
            click.echo(svg, nl=False)
            continue
        publish(target, _encode(svg, target, way.dpi))
        click.echo(show_path(target))


def _choose_targets(names: list[str], output: str | None) -> Iterator[tuple[str, Path | None]]:
    """Yield each figure with its file, None for standard output."""
    if output in {None, _STDOUT}:
        if len(names) > 1:
            raise click.UsageError(f"name one figure ({', '.join(names)}), or --output a folder")
        yield names[0], None
        return
    path = Path(str(output))
    if path.is_dir() or not path.suffix:
        yield from ((name, path / f"{name}.svg") for name in names)
    elif path.suffix.lower() not in _SUFFIXES:
        raise click.UsageError(f"--output {output} is neither a folder nor an .svg or .png file")
    elif len(names) > 1:
        raise click.UsageError(f"--output {output} takes one figure; name it, or a folder")
    else:
        yield names[0], path


def _encode(svg: str, target: Path, dpi: int) -> bytes:
    if target.suffix.lower() != ".png":
        return svg.encode()
    from handouts.press.raster import rasterise

    return rasterise(svg, dpi)


def _watch(ctx: click.Context, file: Path, name: str | None, way: Print) -> None:
    """Draw the file's figures now and at every change, until Ctrl-C."""
    import time

    seen: object = False
    click.echo(f"Watching {file}; Ctrl-C ends.", err=True)
    try:
        while True:
            stamp = _stamp(file)
            if stamp != seen and (stamp or seen is False):
                seen = stamp
                _draw_again(ctx, file, name, way)
            time.sleep(_POLL)
    except KeyboardInterrupt:
        click.echo("Stopped.", err=True)


def _draw_again(ctx: click.Context, file: Path, name: str | None, way: Print) -> None:
    """Draw once, or say what is wrong: the next save may mend it."""
    try:
        found = read_drawable(ctx, None, str(file))
        names = found.choose(name)
        beside = file.with_suffix(".svg" if len(names) == 1 else "")
        _write(found, names, replace(way, output=way.output or str(beside)))
    except HandoutError as error:
        show_report(error.report)
    except click.UsageError as error:
        click.echo(f"error: {error.message}", err=True)


def _stamp(file: Path) -> tuple[int, int] | None:
    """Return when the file changed and how long it is; None while an editor replaces it."""
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size


def _write_gallery(ctx: click.Context, output: str | None, ink: str | None) -> None:
    from handouts.bind.publish import publish
    from handouts.gallery import make_gallery
    from handouts.order import Look, Order
    from handouts.source.workspace import show_path

    workspace, report = open_workspace(ctx), Report()
    if output not in {None, _STDOUT} and not str(output).endswith(".pdf"):
        raise click.UsageError(f"--output {output} is no .pdf file")
    pdf = make_gallery(Order(workspace, {}, Look(ink=ink)), report)
    show_report(report)
    if output == _STDOUT:
        sys.stdout.buffer.write(pdf)
        return
    target = Path(output) if output else (workspace.root or Path()) / "output" / "figures.pdf"
    publish(target, pdf)
    click.echo(show_path(target))
