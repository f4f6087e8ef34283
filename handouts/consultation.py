"""Turn the names of a programme and of a list of clients into clients screened for it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from handouts.problem import HandoutError, Report
from handouts.screening import find_unused_overrides, screen_clients
from handouts.source.programme import read_programme
from handouts.source.roster import find_roster, read_roster
from handouts.source.suggest import did_you_mean
from handouts.source.vocabulary import read_vocabulary
from handouts.source.workspace import show_path

if TYPE_CHECKING:
    from handouts.model.client import Client
    from handouts.screening import Screened
    from handouts.source.programme import Planned
    from handouts.source.vocabulary import Vocabulary
    from handouts.source.workspace import Workspace


def open_programme(workspace: Workspace, slug: str, report: Report) -> tuple[Planned, Vocabulary]:
    """Return a programme with its exercises, and the vocabulary, for nobody in particular.

    Raises:
        HandoutError: with the whole report, if anything in it is an error.
    """
    vocabulary = read_vocabulary(workspace, report)
    file = workspace.programme_file(slug)
    planned = read_programme(file, show_path(file), workspace, vocabulary, report)
    report.raise_errors()
    if planned is None:  # only with an error, which was raised
        raise HandoutError(report)
    return planned, vocabulary


@dataclass(frozen=True, slots=True)
class Consultation:
    """A programme, whom it is for, and what each of them must heed."""

    planned: Planned
    clients: tuple[Client, ...]
    cells: tuple[Screened, ...]
    """Client by client, the exercises in the programme's order."""
    vocabulary: Vocabulary
    faults: Report
    """What is wrong with clients who are not among these."""


def consult(
    workspace: Workspace,
    programme: str,
    clients: str | None,
    report: Report,
    *,
    keep_going: bool = False,
) -> Consultation:
    """Return the clients screened for a programme.

    Args:
        workspace: where the programme is looked up, before the library.
        programme: its slug.
        clients: the path of the list, as typed; None for the workspace's own.
        report: gets every problem of both files and of the exercises.
        keep_going: what is wrong with some clients does not stop the others.

    Raises:
        HandoutError: with the whole report, if anything in it is an error. An ``avoid`` is none:
            each cell says whether it is blocked.
    """
    vocabulary = read_vocabulary(workspace, report)
    file = workspace.programme_file(programme)
    roster = Path(clients) if clients else find_roster(workspace)
    shown = clients or show_path(roster)
    planned = read_programme(file, show_path(file), workspace, vocabulary, report)
    faults = Report()
    people = read_roster(roster, shown, workspace, vocabulary, faults, keep_going=keep_going)
    if people is None or not keep_going:
        report.extend(faults)
    report.raise_errors()
    if planned is None or people is None:  # only with an error, which was raised
        raise HandoutError(report)
    cells = screen_clients(planned.programme, planned.exercises, people, vocabulary.conditions)
    _warn_of_unused(planned, people, cells, report)
    return Consultation(planned, people, cells, vocabulary, faults)


def _warn_of_unused(
    planned: Planned, people: tuple[Client, ...], cells: tuple[Screened, ...], report: Report
) -> None:
    ids = [client.id for client in people]
    for number in find_unused_overrides(planned.programme, cells):
        override = planned.programme.overrides[number]
        known = override.client in ids
        about = f"{override.client}, {override.exercise}, {override.condition}"
        hint = "the client has no such condition, or the exercise no such avoid: delete it"
        if not known:
            hint = did_you_mean(override.client, ids) or "no client of the list has this id"
        message = f"overrides.{number + 1}: this clears nothing ({about})"
        report.warn("override-unused", message, planned.overrides_at[number], hint=hint)
