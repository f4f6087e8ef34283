"""Turn an order for a batch into what is to be made, what is there already, and what is not."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from handouts import __version__
from handouts.batch.guard import GuardedRack
from handouts.batch.manifest import Manifest, is_untouched, read_manifest
from handouts.batch.order import BatchOrder as BatchOrder  # noqa: PLC0414, TC001  for planners
from handouts.batch.work import Copy
from handouts.bind.shelf import fingerprint, fingerprint_files
from handouts.booklet.desk import open_desk
from handouts.booklet.run import Workshop, name_file
from handouts.order import Order
from handouts.problem import HandoutError, Problem
from handouts.source.roster import find_roster
from handouts.source.suggest import shorten
from handouts.source.workspace import show_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from handouts.batch.manifest import Entry
    from handouts.batch.standby import Standby
    from handouts.booklet.desk import Desk, Reader
    from handouts.booklet.plates import Key
    from handouts.order import BookletOrder
    from handouts.problem import Report

_FLAGS = ("layout", "sequence", "start", "since", "fillable", "archive")


@dataclass(frozen=True)
class Plan:
    """What there is to do for an order."""

    order: BatchOrder
    desk: Desk
    workshop: Workshop
    copies: dict[str, Copy]
    """What is to be made, by the client's id."""
    readers: dict[str, Reader]
    """Everyone who may have a booklet, by the client's id."""
    unchanged: dict[str, Entry]
    """What is there already, by the client's id."""
    kept: dict[str, Entry]
    """All that earlier runs have made."""
    stopped: dict[str, tuple[Problem, ...]]
    head: dict[str, Any]
    """What the manifest says of the run."""
    shared: str
    """A hash of what all handouts depend on."""
    rack: GuardedRack
    roster: Path
    """The list of clients."""
    begun: bool
    """Whether it goes on with a run that was interrupted."""

    def look_again(self) -> dict[str, Any]:
        """Return what the manifest would say by now."""
        seen = fingerprint_files([self.roster])
        return _describe(self.order, self.desk, seen, _sum_up_shared(self.order))

    def find_copy(self, client: str) -> Copy | Entry:
        """Return what is to be made for a client, or is there already."""
        return self.copies.get(client) or self.unchanged[client]

    @property
    def manifest(self) -> Path:
        """Where the manifest lies."""
        return self.order.manifest

    @property
    def journal(self) -> Path:
        """Where the journal of a run lies until it ends."""
        return self.order.journal

    @property
    def gathered(self) -> Path:
        """Where the one file of all goes; no client's file has such a name."""
        return self.order.gathered

    def group(self) -> dict[Key, list[Copy]]:
        """Return what is to be made by the master that it is made of."""
        groups: dict[Key, list[Copy]] = {}
        for client, copy in self.copies.items():
            groups.setdefault(self.workshop.key(self.readers[client]), []).append(copy)
        return groups


def plan_batch(order: BatchOrder, report: Report, standby: Standby | None = None) -> Plan:
    """Return what there is to do: everything is read and checked, nothing is written.

    What stops some clients and not the others goes into the report.

    Args:
        order: for what.
        report: gets what stops nobody's.
        standby: has the layout engine for those who will lay out the pages.

    Raises:
        HandoutError: with every problem of every input; ``inputs-changed``.
    """
    roster = find_list(order.booklets)
    seen = fingerprint_files([roster])  # before it is read: what changes later is noticed
    desk = open_desk(order.booklets, report)
    names = {reader.id or "": f"{name_file(desk, reader)}.pdf" for reader in desk.readers}
    readers = {reader.id or "": reader for reader in desk.readers}
    shared = _sum_up_shared(order)
    head = _describe(order, desk, seen, shared)
    begun = read_manifest(order.journal)
    if order.resume and begun:
        _check_resumed(begun, head)
    kept = _recall(order, begun)
    hands = order.count_layers()
    rack = GuardedRack(order.booklets.programme, order.limit, hands, standby)
    workshop = Workshop(desk, rack)
    run = fingerprint([head["inputs"]])
    copies, unchanged = {}, {}
    for client, reader in readers.items():
        inputs = _digest([run, repr(workshop.key(reader)), reader.name or ""])
        entry = kept.get(client)
        # A password of before must not open what is locked now.
        same = entry and (entry.file, entry.inputs) == (names[client], inputs)
        if entry and same and not head["locked"] and is_untouched(order.folder, entry):
            unchanged[client] = entry
        else:
            copies[client] = Copy(client, reader.name or "", names[client], inputs)
    stopped, is_begun = desk.stopped, begun is not None
    return Plan(
        *(order, desk, workshop, copies, readers, unchanged, kept, stopped, head, shared),
        *(rack, roster, is_begun),
    )


def _sum_up_shared(order: BatchOrder) -> str:
    return Order(order.booklets.workspace, {}, order.booklets.look).shared_fingerprint


def _describe(order: BatchOrder, desk: Desk, roster: str, shared: str) -> dict[str, Any]:
    """Return what all files of the batch depend on, and where it was read."""
    booklets = order.booklets
    slugs = {exercise.slug for exercise in desk.booklet.exercises}
    files = [booklets.workspace.exercise_file(slug) for slug in sorted(slugs)]
    files.append(booklets.workspace.programme_file(booklets.programme))
    root = booklets.workspace.root or Path()
    files += [root / name for name in sorted(desk.pictures)]
    files += [Path(booklets.since)] if booklets.since else []
    locked = booklets.password is not None
    flags = [f"{name}={getattr(booklets, name)!s}" for name in _FLAGS]
    flags.append(f"locked={locked}")
    return {
        "programme": booklets.programme,
        "version": desk.booklet.programme.version,
        "handouts": __version__,
        "flags": [*flags, f"look={booklets.look.chosen()}"],
        "inputs": fingerprint([shared, fingerprint_files(files), *flags]),
        "files": {show_path(file): sha256(file.read_bytes()).hexdigest() for file in files},
        "roster": roster,
        "locked": locked,
    }


def find_list(booklets: BookletOrder) -> Path:
    """Return the list of clients."""
    return Path(booklets.clients) if booklets.clients else find_roster(booklets.workspace)


def _recall(order: BatchOrder, begun: Manifest | None) -> dict[str, Entry]:
    """Return what earlier runs have made, by the client's id."""
    kept = read_manifest(order.manifest)
    return {**(kept.entries if kept else {}), **(begun.entries if begun else {})}


def check_begun(plans: Iterable[Plan]) -> None:
    """Check that there is something to go on with.

    Raises:
        HandoutError: ``nothing-to-resume``.
    """
    if not any(plan.begun for plan in plans):
        raise HandoutError.of(
            "nothing-to-resume",
            "no run that was interrupted has left a journal in this folder",
            hint="leave --resume out: what is done already is skipped anyway",
        )


def _check_resumed(begun: Manifest, head: dict[str, Any]) -> None:
    """Check that what was interrupted can be gone on with as it was begun.

    Raises:
        HandoutError: ``inputs-changed``.
    """
    changed = [key for key in ("inputs", "roster", "handouts") if begun.head.get(key) != head[key]]
    if changed:
        what = {"inputs": "the programme, an exercise, the theme or a flag", "roster": "the list"}
        said = " and ".join(what.get(key, "the program itself") for key in changed)
        raise HandoutError.of(
            "inputs-changed",
            f"{said} has changed since the run was interrupted",
            hint="leave --resume out: all that the change touches is made anew",
        )


def find_clashes(plans: Sequence[Plan]) -> Iterator[Problem]:
    """Yield a problem for every two files of several programmes that would have one name.

    What earlier runs have made of other programmes counts as well.
    """
    taken = {file: whose for plan in plans for file, whose in _list_others(plan, plans)}
    for plan in plans:
        for client, reader in plan.readers.items():
            file = name_file(plan.desk, reader)
            mine = f"{client} ({plan.order.booklets.programme})"
            first = taken.setdefault(file.casefold(), mine)
            if first != mine:
                yield Problem(
                    "name-clash",
                    f"the files of {first} and {mine} would have the same name, {file}.pdf",
                    hint="change one of their ids, or choose another --output",
                )


def _list_others(plan: Plan, plans: Sequence[Plan]) -> Iterator[tuple[str, str]]:
    """Yield the names that other programmes' files have taken in a plan's folder, and whose."""
    ours = {each.manifest for each in plans}
    for file in plan.order.list_related():
        if file not in ours and (manifest := read_manifest(file)):
            said = manifest.head.get("programme")
            programme = shorten(said) if isinstance(said, str) else file.name
            for entry in manifest.entries.values():
                if entry.listed:
                    name = entry.file.removesuffix(".pdf").casefold()
                    yield name, f"{shorten(entry.client)} ({programme})"


def _digest(parts: Iterable[str]) -> str:
    return sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
