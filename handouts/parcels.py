"""Turn PDFs and a list of clients into parcels: what goes to whom, and nothing to anybody else.

Whose a PDF is, the run that has made it says, or else its name.
"""

from __future__ import annotations

import hashlib
import os.path
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
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from handouts.model.client import Client
    from handouts.problem import Report
    from handouts.source.workspace import Workspace

_MOST_BYTES = 150_000_000
_PDF = b"%PDF-"
_FOR = " – "  # between a booklet's title and its client's name
ENDINGS = ("", "-folded", "-cards")
"""What `--layout` puts behind a file's name."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A PDF that somebody should get, with all that a run says of it."""

    file: Path
    shown: str
    """The path as the user would type it."""
    client: str = ""
    """The id of the client for whom a run has made it; empty if its name has to tell."""
    campaign: str = ""
    size: int | None = None
    """Bytes that the run has written; None for a file that stands for itself."""
    sha256: str = ""


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
    size: int
    """Bytes of the PDF."""

    @property
    def place(self) -> Place:
        """The file, for problems."""
        return Place(show_path(self.file))


def pack_parcels(  # noqa: PLR0913  what the command line says
    workspace: Workspace,
    pieces: Iterable[Piece],
    report: Report,
    *,
    clients: str | None = None,
    only: str | None = None,
    campaign: str | None = None,
) -> list[Parcel]:
    """Return what goes to whom, after noting every file for which that cannot be told.

    Args:
        workspace: whose clients and programmes are known.
        pieces: the PDFs.
        report: gets every problem found.
        clients: path of the list of clients; None for the workspace's own.
        only: the id of the client who gets all the files, and of a run their own; None reads it
            from the names, and takes all of a run.
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
    names = {client.name for client in people}
    programmes = workspace.programme_files()
    parcels: dict[tuple[str, str], Parcel] = {}
    for piece in _choose(pieces, by_id, only, report):
        if piece.client:
            found = _look_up(piece, by_id, report)
        else:
            found = _address(piece.file, by_id, programmes, only, report)
        data = _read_pdf(piece, report) if found else None
        if found is None or data is None:
            continue
        client, sent_as = found[0], campaign or found[1]
        title = _check_title(read_title(data), piece, client, names, report)
        if title is not None:
            title = title or sent_as.replace("-", " ").capitalize()
            digest = hashlib.sha256(data).hexdigest()
            _keep(Parcel(client, piece.file, digest, title, sent_as, len(data)), parcels, report)
    return list(parcels.values())


def _choose(
    pieces: Iterable[Piece], by_id: Mapping[str, Client], only: str | None, report: Report
) -> list[Piece]:
    """Return the pieces without those that runs have made for others than the one named."""
    pieces = list(pieces)
    if only is None:
        return pieces
    if fold_id(only) not in by_id:
        _note_unknown(only, by_id, report)
        return []
    chosen = [piece for piece in pieces if fold_id(piece.client or only) == fold_id(only)]
    if pieces and not chosen:
        message = f"the run has made nothing for {only}"
        report.add("unknown-client", message, Place("--client"), hint="is it another run?")
    return chosen


def _look_up(
    piece: Piece, by_id: Mapping[str, Client], report: Report
) -> tuple[Client, str] | None:
    """Return for whom a run has made a file and what it is sent as, or None after noting why not.

    Its name says nothing here: only what the run has written down.
    """
    client = by_id.get(fold_id(piece.client))
    place = Place(piece.shown)
    if client is None:
        message = f'it was made for "{shorten(piece.client)}", who is not in the list of clients'
        hint = "run the batch again with this list, or name the list that it was made with"
        report.add("unknown-client", message, place, hint=hint)
        return None
    if not piece.campaign:
        message = "the run does not say of which programme this is"
        report.add("not-a-run", message, place, hint="run the batch again")
        return None
    return client, piece.campaign


def _read_pdf(piece: Piece, report: Report) -> bytes | None:
    """Return a file's bytes if it is a PDF, and the one that the run has made."""
    place = Place(piece.shown)
    again = "run the batch again: it makes anew what is gone or changed"
    if piece.size is not None and not os.path.lexists(piece.file):
        message = "the run has made this file, and it is gone"
        report.add("file-changed", message, place, hint=again)
        return None
    data = read_bytes(piece.file, piece.shown, report, _MOST_BYTES)
    if data is None:
        return None
    if piece.size is not None and (
        len(data) != piece.size or hashlib.sha256(data).hexdigest() != piece.sha256
    ):
        message = "this is not the file that the run has made: it was changed since"
        report.add("file-changed", message, place, hint=again)
        return None
    if not data.startswith(_PDF):
        report.add("not-a-pdf", "this is no PDF", place, hint="only PDFs are mailed")
        return None
    return data


def _check_title(
    said: str, piece: Piece, client: Client, names: Collection[str], report: Report
) -> str | None:
    """Return the title without the client's name, or None after noting that it names another."""
    title, name = split_title(said, names)
    # A run's booklet names its client, unless it is locked. One of before the client's name was
    # changed, or of before the id was given to somebody else, does not.
    own = " ".join(client.name.split())
    if piece.client and said and not said.endswith(f"{_FOR}{own}"):
        name = name or said.rpartition(_FOR)[2]
    elif piece.client:
        title, name = said.removesuffix(f"{_FOR}{own}"), ""
    if name in ("", client.name):
        return title
    shown = shorten("".join(filter(str.isprintable, name)))
    message = f'the PDF says that it is for "{shown}", and not for {client.id}'
    hint = "look into it, and give it its name again"
    if piece.client:
        hint = "run the batch again with this list"
    report.add("ambiguous-client", message, Place(piece.shown), hint=hint)
    return None


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
    client = by_id[fold_id(only)]
    if matches and client.id not in matches:
        # `mail output/*.pdf --client sam` would show Sam everybody's.
        message = f"it is called after {' or '.join(matches)}, and --client says {client.id}"
        hint = f"leave it out, or rename it if it is for {client.id}"
        report.add("ambiguous-client", message, Place(str(file)), hint=hint)
        return None
    if client.id in matches:
        return client, matches[client.id] + _find_ending(file.stem, client.id)
    return client, file.stem


def _note_unknown(only: str, by_id: Mapping[str, Client], report: Report) -> None:
    ids = [client.id for client in by_id.values()]
    hint = did_you_mean(only, ids) or "the ids stand in the list of clients"
    message = f'there is no client "{shorten(only)}"'
    report.add("unknown-client", message, Place("--client"), hint=hint)


def _read_name(stem: str, by_id: Mapping[str, Client]) -> Iterator[tuple[str, str]]:
    """Yield each id that ends a file's name after a hyphen, with what stands before it."""
    for ending in ENDINGS:
        bare = stem.removesuffix(ending)
        for at, letter in enumerate(bare if stem.endswith(ending) else ""):
            client = by_id.get(fold_id(bare[at + 1 :])) if letter == "-" and at else None
            if client is not None:
                yield client.id, bare[:at]


def _find_ending(stem: str, found: str) -> str:
    """Return the layout behind the client's id: cards are sent beside a booklet."""
    folded = fold_id(stem)
    return next(ending for ending in ENDINGS if folded.endswith(fold_id(f"-{found}{ending}")))


def split_title(title: str, names: Collection[str]) -> tuple[str, str]:
    """Return a booklet's title without the client's name behind it, and that name if it is one."""
    before, _, name = title.rpartition(_FOR)
    return (before, name) if before and name in names else (title, "")


def read_title(data: bytes) -> str:
    """Return the title that a PDF gives itself, on one line; empty if it is locked or damaged."""
    from io import BytesIO

    import pikepdf

    try:
        with pikepdf.open(BytesIO(data)) as pdf:
            return " ".join(str(pdf.docinfo.get("/Title", "")).split())
    except (pikepdf.PdfError, pikepdf.PasswordError, ValueError, TypeError, RuntimeError):
        return ""
