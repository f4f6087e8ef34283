"""Turn what ``--output`` says into the file of each document, and documents into files."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

STDOUT = "-"


def choose_destination(
    output: str | None, root: Path | None, suffix: str, what: str, *, several: bool
) -> Callable[[str], Path | None]:
    """Return what gives the file for a document's name, None for standard output.

    Args:
        output: as typed: a folder, one file or ``-``; None for ``output`` in the workspace.
        root: the workspace's folder.
        suffix: of the files: ``.pdf``.
        what: one of the documents, for the error: ``exercise``.
        several: whether there may be more than one document.

    Raises:
        click.UsageError: one file for several documents, or neither a folder nor such a file.
    """
    if output == STDOUT or (output and output.endswith(suffix) and not Path(output).is_dir()):
        if several:
            raise click.UsageError(f"--output {output} takes one {what}; name a folder instead")
        file = None if output == STDOUT else Path(output)
        return lambda _: file
    folder = Path(output) if output else (root or Path()) / "output"
    looks_like_file = folder.suffix in {".pdf", ".html"} and not folder.is_dir()
    if folder.is_file() or looks_like_file:
        raise click.UsageError(f"--output {output} is neither a folder nor a {suffix} file")
    return lambda name: folder / f"{name}{suffix}"


def deliver(
    made: Mapping[str, bytes], destination: Callable[[str], Path | None], *, launch: bool
) -> None:
    """Write each document whole, and say where.

    Raises:
        HandoutError: ``cannot-write``.
    """
    from handouts.bind.publish import publish
    from handouts.source.workspace import show_path

    for name, data in made.items():
        target = destination(name)
        if target is None:
            sys.stdout.buffer.write(data)
            continue
        publish(target, data)
        click.echo(show_path(target))
        if launch:
            click.launch(str(target))
