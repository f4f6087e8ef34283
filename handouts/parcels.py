"""Turn PDFs and a list of clients into parcels: what goes to whom, and nothing to anybody else."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from handouts.model.client import fold_id
from handouts.problem import Place
from handouts.source.files import read_bytes
from handouts.source.roster import find_roster, read_roster
from handouts.source.suggest import did_you_mean, shorten
from handouts.source.vocabulary import read_vocabulary
from handouts.source.workspace import show_path

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from handouts.model.client import Client
    from handouts.problem import Report
    from handouts.source.workspace import Workspace

_MOST_BYTES = 150_000_000
_PDF = b"%PDF-"
_FOR = " – "  # between a booklet's title and its client's name
_ENDINGS = ("", "-folded", "-cards")  # of `handouts booklet --layout`


@dataclass(frozen=True, slots=True)
class Parcel:
    """One PDF for one client."""

    client: Client
    file: Path
    pdf: str
    """The PDF's hash, SHA-256."""
    title: str
    campaign: str
    """What it is sent as: the programme's name, or the exercise's."""

    @property
    def place(self) -> Place:
        """The file, for problems."""
        return Place(show_path(self.file))


def pack_parcels(  # noqa: PLR0913  what the command line says
    workspace: Workspace,
    files: Sequence[str],
    report: Report,
    *,
    clients: str | None = None,
    only: str | None = None,
    campaign: str | None = None,
) -> list[Parcel]:
    """Return what goes to whom, after noting every file for which that cannot be told.

    Args:
        workspace: whose clients and programmes are known.
        files: paths of PDFs, as typed.
        report: gets every problem found.
        clients: path of the list of clients; None for the workspace's own.
        only: the id of the client who gets all the files; None reads it from their names.
        campaign: what it is sent as; None reads that from the names.

    Raises:
        HandoutError: ``no-clients``.
    """
    roster = Path(clients) if clients else find_roster(workspace)
    vocabulary = read_vocabulary(workspace, report)
    people = read_roster(roster, clients or show_path(roster), workspace, vocabulary, report)
    if people is None:
        return []
    by_id = {fold_id(client.id): client for client in people}
    programmes = workspace.programme_files()
    parcels: dict[tuple[str, str], Parcel] = {}
    for typed in dict.fromkeys(files):
        file = Path(typed)
        found = _address(file, by_id, programmes, only, report)
        data = read_bytes(file, typed, report, _MOST_BYTES) if found else None
        if found is None or data is None:
            continue
        if not data.startswith(_PDF):
            report.add("not-a-pdf", "this is no PDF", Place(typed), hint="only PDFs are mailed")
            continue
        client, sent_as = found[0], campaign or found[1]
        title, for_name = split_title(read_title(data), [row.name for row in people])
        if for_name not in ("", client.name):
            message = f'the PDF says that it is for "{shorten(for_name)}", and not for {client.id}'
            hint = "look into it, and give it its name again"
            report.add("ambiguous-client", message, Place(typed), hint=hint)
            continue
        title = title or sent_as.replace("-", " ").capitalize()
        digest = hashlib.sha256(data).hexdigest()
        _keep(Parcel(client, file, digest, title, sent_as), parcels, report)
    return list(parcels.values())


def _keep(parcel: Parcel, parcels: dict[tuple[str, str], Parcel], report: Report) -> None:
    first = parcels.setdefault((parcel.client.id, parcel.campaign), parcel)
    if first.pdf != parcel.pdf:
        report.add(
            "listed-twice",
            f"{parcel.client.id} would get two versions: the other is {first.place}",
            parcel.place,
            hint="name only one of them, or send one with --campaign NAME",
        )


def _address(
    file: Path,
    by_id: Mapping[str, Client],
    programmes: Collection[str],
    only: str | None,
    report: Report,
) -> tuple[Client, str] | None:
    """Return whom a file is for and what it is sent as, or None after noting why nobody can tell.

    The one place where that is decided. A name must leave no choice: a wrong one would show a
    stranger what is somebody's own.
    """
    matches = dict(_read_name(file.stem, by_id))
    if only is not None:
        return _check_named(file, by_id, only, matches, report)
    known = {found: before for found, before in matches.items() if before in programmes}
    chosen = known if len(known) == 1 else matches
    if len(chosen) == 1:
        ((found, before),) = chosen.items()
        return by_id[fold_id(found)], before + _find_ending(file.stem, found)
    place = Place(str(file))
    if chosen:
        said = f"it is for {' or '.join(chosen)}: the name does not tell"
        report.add("ambiguous-client", said, place, hint="name the client: --client ID")
    else:
        hint = "call it PROGRAMME-CLIENT.pdf, or --client ID"
        report.add("unknown-client", "it is for no client", place, hint=hint)
    return None


def _check_named(
    file: Path, by_id: Mapping[str, Client], only: str, matches: Mapping[str, str], report: Report
) -> tuple[Client, str] | None:
    """Return the client whom the command line names, unless the file is called after another."""
    client = by_id.get(fold_id(only))
    if client is None:
        ids = [row.id for row in by_id.values()]
        hint = did_you_mean(only, ids) or "the ids stand in the list of clients"
        message = f'there is no client "{shorten(only)}"'
        report.add("unknown-client", message, Place("--client"), hint=hint)
        return None
    if matches and client.id not in matches:
        # `mail output/*.pdf --client sam` would show Sam everybody's.
        message = f"it is called after {' or '.join(matches)}, and --client says {client.id}"
        hint = f"leave it out, or rename it if it is for {client.id}"
        report.add("ambiguous-client", message, Place(str(file)), hint=hint)
        return None
    if client.id in matches:
        return client, matches[client.id] + _find_ending(file.stem, client.id)
    return client, file.stem


def _read_name(stem: str, by_id: Mapping[str, Client]) -> Iterator[tuple[str, str]]:
    """Yield each id that ends a file's name after a hyphen, with what stands before it."""
    for ending in _ENDINGS:
        bare = stem.removesuffix(ending)
        for at, letter in enumerate(bare if stem.endswith(ending) else ""):
            client = by_id.get(fold_id(bare[at + 1 :])) if letter == "-" and at else None
            if client is not None:
                yield client.id, bare[:at]


def _find_ending(stem: str, found: str) -> str:
    """Return the layout behind the client's id: cards are sent beside a booklet."""
    folded = fold_id(stem)
    return next(ending for ending in _ENDINGS if folded.endswith(fold_id(f"-{found}{ending}")))


def split_title(title: str, names: Collection[str]) -> tuple[str, str]:
    """Return a booklet's title without the client's name behind it, and that name if it is one."""
    before, _, name = title.rpartition(_FOR)
    return (before, name) if before and name in names else (title, "")


def read_title(data: bytes) -> str:
    """Return the title that a PDF gives itself, on one line; empty if there is none to be had."""
    from io import BytesIO

    import pikepdf

    try:
        with pikepdf.open(BytesIO(data)) as pdf:
            return " ".join(str(pdf.docinfo.get("/Title", "")).split())
    except pikepdf.PdfError:  # a password, or damage: it is sent as it is
        return ""
