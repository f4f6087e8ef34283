"""Turn what names a batch's run into the files that it has made: whose, how large, which hash.

A manifest can come with a folder that somebody has passed on, so nothing in it is taken on trust.
"""

from __future__ import annotations

import os.path
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from handouts.batch.manifest import Manifest, read_manifest
from handouts.parcels import ENDINGS, Piece
from handouts.problem import Place
from handouts.source.suggest import did_you_mean, shorten
from handouts.source.workspace import is_slug, show_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from handouts.batch.manifest import Entry
    from handouts.problem import Report
    from handouts.source.workspace import Workspace

_MANIFEST = ".manifest.jsonl"
_AGAIN = "go on with it: the same `handouts batch` once more"
_ALONE = "nobody but `handouts batch` should write it: run the batch again"
_LAYOUT = "layout="


@dataclass(frozen=True, slots=True)
class Run:
    """What a run that has come to its end has made."""

    campaign: str
    """The programme with its layout, as in the names of files; empty where nobody can tell."""
    entries: tuple[Entry, ...]
    """In the order of its list of clients; only what is for somebody in that list."""
    left: int
    """How many files of earlier runs are for nobody in that list."""


def list_pieces(
    names: Sequence[str], report: Report, workspace: Workspace | None = None
) -> list[Piece]:
    """Return the files, each once, in the order of the command line and of the runs' lists.

    Args:
        names: PDFs, manifests, folders with a manifest and, in a workspace, programmes.
        report: gets what is wrong with any of them.
        workspace: whose programmes may be named; their runs lie in its ``output``.
    """
    pieces: dict[str, Piece] = {}
    for name in names:
        for piece in _list_named(name, report, workspace):
            file = os.path.realpath(piece.file)
            # A run knows more of a file than its name says.
            if file not in pieces or (piece.client and not pieces[file].client):
                pieces[file] = piece
    return list(pieces.values())


def _list_named(name: str, report: Report, workspace: Workspace | None) -> Iterator[Piece]:
    if os.path.isdir(name):  # noqa: PTH112  unlike Path.is_dir(), it takes any name
        manifest = _find_in_folder(Path(name), report)
    elif name.endswith(_MANIFEST):
        manifest = Path(name)
    elif workspace and is_slug(name) and not os.path.lexists(name):
        manifest = _find_of_programme(name, workspace, report)
    else:
        yield Piece(Path(name), name)
        return
    run = read_run(manifest, report) if manifest else None
    if manifest is None or run is None:
        return
    if run.left:
        message = f"left out: {run.left} {'file' if run.left == 1 else 'files'} of earlier runs"
        hint = "who is no more in the list, or may not have it any more, gets nothing"
        report.warn("left-out", message, Place(str(manifest)), hint=hint)
    for entry in run.entries:
        file = manifest.parent / entry.file
        yield Piece(file, str(file), entry.client, run.campaign, entry.size, entry.sha256)


def _find_in_folder(folder: Path, report: Report) -> Path | None:
    """Return the manifest of the run whose files lie in a folder."""
    found = sorted(folder.glob(f"[!.]*{_MANIFEST}"))
    if len(found) == 1:
        return found[0]
    place = Place(str(folder))
    if found:
        message = f"the folder holds the files of {len(found)} runs"
        hint = f"name one, or several: {' '.join(map(str, found))}"
        report.add("ambiguous-run", message, place, hint=hint)
    elif [*folder.glob(".*.journal.jsonl")]:
        message = "the run that makes these files has not come to its end"
        report.add("not-a-run", message, place, hint=_AGAIN)
    else:
        message = f"no run's manifest (*{_MANIFEST}) is in this folder"
        hint = "name PDFs, or the folder that `handouts batch` has written to"
        report.add("not-a-run", message, place, hint=hint)
    return None


def _find_of_programme(slug: str, workspace: Workspace, report: Report) -> Path | None:
    """Return the manifest of a programme's run, where `handouts batch` writes by itself."""
    folder = (workspace.root or Path()) / "output"
    files = {Path(show_path(folder / f"{slug}{end}{_MANIFEST}")): end for end in ENDINGS}
    found = [file for file in files if file.exists() or _find_journal(file).exists()]
    if len(found) == 1:
        return found[0]
    place = Place(show_path(folder))
    if found:
        message = f"there are {len(found)} runs of {slug}, in different layouts"
        hint = f"name one, or several: {' '.join(map(str, found))}"
        report.add("ambiguous-run", message, place, hint=hint)
        return None
    programmes = workspace.programme_files()
    if slug in programmes:
        message = f"nothing of {slug} was made here by `handouts batch`"
        hint = f"make it first: handouts batch {slug}; or name the manifest, where it lies"
        report.add("not-a-run", message, place, hint=hint)
    else:
        hint = did_you_mean(slug, programmes) or "name a PDF, a run's folder or a programme"
        message = f'there is no file and no programme "{shorten(slug)}"'
        report.add("unknown-programme", message, hint=hint)
    return None


def read_run(file: Path, report: Report) -> Run | None:
    """Return what a manifest says, or None after noting why its files cannot be given to anybody.

    Args:
        file: the manifest; what it names lies beside it.
        report: gets what is wrong with it.
    """
    manifest = _read_whole(file)
    entries = tuple(manifest.entries.values()) if manifest else ()
    hint = "`handouts batch` writes PROGRAMME.manifest.jsonl beside the PDFs"
    if _find_journal(file).exists() or (manifest and not manifest.complete):
        said, hint = "the run that makes these files has not come to its end", _AGAIN
    elif manifest is None:
        said = "this is no manifest of a run, or a damaged one"
    elif not entries:
        said = "the run has made nothing"
    elif not all(map(_is_sound, entries)):
        said, hint = "the manifest names a file that is not in its folder", _ALONE
    elif len({entry.file.casefold() for entry in entries}) < len(entries):
        said, hint = "the manifest gives one file to two clients", _ALONE
    else:
        listed = tuple(entry for entry in entries if entry.listed)
        return Run(_name_campaign(manifest), listed, len(entries) - len(listed))
    report.add("not-a-run", said, Place(str(file)), hint=hint)
    return None


def _read_whole(file: Path) -> Manifest | None:
    """Return a manifest of which nothing is missing: a client left out would not be noticed."""
    try:
        if not file.is_file():  # a pipe could be waited for without end
            return None
        lines = [line for line in file.read_bytes().split(b"\n") if line.strip()]
        manifest = read_manifest(file)
    except (OSError, ValueError, TypeError, RecursionError):  # whatever can be written as JSON
        return None
    return manifest if manifest and len(manifest.entries) == len(lines) - 1 else None


def _is_sound(entry: Entry) -> bool:
    """Return whether an entry is one that a batch could have written."""
    texts = (entry.client, entry.file, entry.sha256)
    # No id has a letter that cannot be printed; shown, one could write over what a terminal shows.
    if not all(isinstance(text, str) and text.isprintable() for text in texts):
        return False
    if not isinstance(entry.size, int) or not entry.client:
        return False
    return entry.file.endswith(".pdf") and not set(entry.file) & set('/\\:"')


def _find_journal(file: Path) -> Path:
    return file.with_name(f".{file.name.removesuffix(_MANIFEST)}.journal.jsonl")


def _name_campaign(manifest: Manifest) -> str:
    """Return what the run's files are sent as: the same as if each were named by itself."""
    programme, flags = manifest.head.get("programme"), manifest.head.get("flags")
    if not isinstance(programme, str) or not is_slug(programme) or not isinstance(flags, list):
        return ""
    endings = {f"{_LAYOUT}{end.removeprefix('-') or 'pages'}": end for end in ENDINGS}
    found = [endings[flag] for flag in flags if isinstance(flag, str) and flag in endings]
    return f"{programme}{found[0]}" if len(found) == 1 else ""
