"""Turn an order for a batch into what was said of it last time, where nothing has changed since.

To plan a batch takes half a second, most of it to load and check. What a plan says depends on
nothing but files, folders, flags and variables. They are hashed here, and a note under that hash
says what the plan was. What has become of the clients' files is not in the note: the manifest and
the disk are asked each time, as a plan asks them. In any doubt there is no answer, and a plan is
made: it alone decides.

The note says who may not have a booklet, and why. So it lies in the user's own cache, and not in
the manifest, which goes round with the files.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import time
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from handouts.assets import LIBRARY
from handouts.batch.manifest import FORMAT, is_untouched, read_manifest
from handouts.bind.shelf import fingerprint, fingerprint_files
from handouts.cache import read_cached, write_cached
from handouts.order import Order
from handouts.problem import HandoutError, Problem
from handouts.source.workspace import ROSTERS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from handouts.batch.manifest import Entry
    from handouts.batch.order import BatchOrder
    from handouts.batch.plan import Plan
    from handouts.batch.work import Copy
    from handouts.problem import Report

_FORMAT = "glance 1"
_DOUBTS = (HandoutError, OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError)
"""Whatever a file can be that no run has left so."""
_FRESH = 20_000_000  # ns; a file changed so shortly before can have been read before it changed
_MARKS = (".pdf.", ".jsonl.", ".journal.jsonl", ".handouts-run-")
"""In the names of what is not finished."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a plan would say, in which nothing is to be made."""

    unchanged: dict[str, Entry]
    """What is there already, by the client's id."""
    stopped: dict[str, tuple[Problem, ...]]
    """What keeps others of the list from theirs, by the client's id."""
    problems: tuple[Problem, ...]
    """All that is to be told."""


class Glance:
    """A look at what an order depends on, before any of it is read."""

    def __init__(self, order: BatchOrder) -> None:
        """Take in what there is now."""
        self._order, self._begun = order, time.time_ns()
        self._key = None
        if _is_plain(order):
            booklets = order.booklets
            try:
                shared = Order(booklets.workspace, {}, booklets.look).shared_fingerprint
                self._key = _sum_up(order, shared)
            except _DOUBTS:
                return  # whatever is wrong is told by the plan

    def look(self) -> Seen | None:
        """Return what a plan would say, or None where one must be made."""
        if self._key is None:
            return None
        try:
            return self._compare(json.loads(read_cached(_name(self._key)) or b""))
        except _DOUBTS:
            return None

    def keep(self, plan: Plan, report: Report) -> None:
        """Note what a plan says, unless something has changed while it was made.

        Args:
            plan: made for this order, after the first look.
            report: all that was told on the way.
        """
        try:
            if self._key is None or _sum_up(self._order, plan.shared) != self._key:
                return
            exercises = sorted(plan.desk.planned.exercises)
            pictures = sorted(plan.desk.pictures)
            files = self._list_files(exercises, pictures)
            if any(map(self._is_fresh, files)):
                return
            note = {
                "head": plan.head,
                "copies": _hash_copies([*map(plan.find_copy, plan.readers)]),
                "exercises": exercises,
                "pictures": pictures,
                "files": _hash_files(files),
                "stopped": {name: _to_dicts(found) for name, found in plan.stopped.items()},
                "problems": _to_dicts(report),
            }
            write_cached(_name(self._key), json.dumps(note).encode("ascii"))
        except _DOUBTS:
            return

    def _compare(self, note: dict[str, Any]) -> Seen | None:
        order = self._order
        manifest = read_manifest(order.manifest)
        head = {**note["head"], "complete": True, "format": FORMAT}
        if manifest is None or manifest.head != head or _is_busy(order.folder):
            return None
        listed = [entry for entry in manifest.entries.values() if entry.listed]
        files = self._list_files(note["exercises"], note["pictures"])
        if _hash_copies(listed) != note["copies"] or _hash_files(files) != note["files"]:
            return None
        folder = str(order.folder)
        if not all(is_untouched(folder, entry) for entry in listed):
            return None
        stopped = {name: _to_problems(found) for name, found in note["stopped"].items()}
        unchanged = {entry.client: entry for entry in listed}
        return Seen(unchanged, stopped, _to_problems(note["problems"]))

    def _list_files(self, exercises: list[str], pictures: list[str]) -> list[Path]:
        """Return the files of exercises and pictures: of a picture each that it could be."""
        workspace = self._order.booklets.workspace
        roots = [*([workspace.root] if workspace.root else []), LIBRARY]
        files = [workspace.exercise_file(slug) for slug in exercises]
        return [*files, *(root / name for name in pictures for root in roots)]

    def _is_fresh(self, file: Path) -> bool:
        """Return whether a file may have changed since it was read."""
        if not file.exists():
            return False
        status = file.stat()
        # An older file that was moved here has its time of change, but was put here just now.
        return max(status.st_mtime_ns, status.st_ctime_ns) > self._begun - _FRESH


def _is_plain(order: BatchOrder) -> bool:
    """Return whether the order is of the kind that a note can answer."""
    booklets = order.booklets
    more = order.merge or order.resume or order.scheduler or booklets.since is not None
    # A locked file is made anew each time; and who wants to hear of each hop wants to see them.
    wordy = logging.getLogger("handouts").isEnabledFor(logging.INFO)
    return not (more or booklets.password is not None or wordy)


def _sum_up(order: BatchOrder, shared: str) -> str:
    """Return a hash of what a plan depends on, but for exercises and pictures.

    Args:
        order: what is wanted.
        shared: what all handouts depend on: code, theme, vocabulary, settings, variables.

    Raises:
        ValueError: one of the files is none.
        OSError: one of them cannot be had.
        KeyError: there is no such programme.
    """
    booklets, workspace = order.booklets, order.booklets.workspace
    programmes, exercises = workspace.programme_files(), workspace.exercise_files()
    own = [workspace.root / name for name in ROSTERS] if workspace.root else []
    rosters = [Path(booklets.clients)] if booklets.clients else own
    # Names are told from what is there, and shown as seen from here. A new file can hide another.
    where = [Path.cwd(), order.folder.absolute()]
    files = [*rosters, programmes[booklets.programme], *order.list_related()]
    if any(file.exists() and not file.is_file() for file in files):
        raise ValueError  # a pipe can be read only once
    return fingerprint(
        [
            *(_FORMAT, sys.version, shared, repr(booklets), *map(str, where)),
            *(fingerprint(map(str, found.values())) for found in (programmes, exercises)),
            fingerprint_files(files),
        ]
    )


def _is_busy(folder: Path) -> bool:
    """Return whether somebody writes into the folder, or was killed while at it."""
    hidden = [name for name in os.listdir(folder) if name.startswith(".")]  # noqa: PTH208  many
    return any(mark in name for name in hidden for mark in _MARKS)


def _hash_copies(copies: Iterable[Entry | Copy]) -> str:
    """Return a hash of whose the files are, what they are called, and what they depend on."""
    rows = [(copy.client, copy.file, copy.inputs) for copy in copies]
    return sha256(json.dumps(rows).encode("ascii")).hexdigest()


def _hash_files(files: Iterable[Path]) -> str:
    """Return a hash of the files' names and bytes, and of where links among them lead."""
    files = [*files]
    return fingerprint([fingerprint_files(files), *map(os.path.realpath, files)])


def _name(key: str) -> str:
    return f"handouts/{key}.json"


def _to_dicts(problems: Iterable[Problem]) -> list[dict[str, object]]:
    return [problem.as_dict() for problem in problems]


def _to_problems(found: list[dict[str, object]]) -> tuple[Problem, ...]:
    return tuple(map(Problem.from_dict, found))
