"""Turn the fingerprint of all that a handout is made from into the handout that was made before."""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from handouts.cache import fingerprint as fingerprint  # noqa: PLC0414  for whoever shelves
from handouts.cache import read_cached, write_cached
from handouts.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable

_SHELF = "handouts"
_LARGEST = 200_000_000
"""Bytes of a file that somebody has use for: pictures have fewer."""


@dataclass(frozen=True, slots=True)
class Shelved:
    """A finished handout, and the problems that did not stop it."""

    pdf: bytes
    pages: int
    problems: tuple[Problem, ...]


def fingerprint_files(files: Iterable[Path]) -> str:
    """Return a hash of the files' names and bytes; a missing file counts as such."""
    return fingerprint(part for file in files for part in (str(file), _read(file)))


def find_shelved(key: str) -> Shelved | None:
    """Return the handout with this fingerprint, or None if it is not there, old or damaged."""
    label_text, pdf = read_cached(f"{_SHELF}/{key}.json"), read_cached(f"{_SHELF}/{key}.pdf")
    if label_text is None or pdf is None:
        return None
    try:
        label = json.loads(label_text)
        sound = label["sha256"] == sha256(pdf).hexdigest()
        pictures = [(Path(name), seen) for name, seen in label["pictures"].items()]
        if not sound or any(_hash(file) != seen for file, seen in pictures):
            return None
        problems = tuple(Problem.from_dict(problem) for problem in label["problems"])
        return Shelved(pdf, int(label["pages"]), problems)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def shelve(key: str, handout: Shelved, pictures: Iterable[Path]) -> None:
    """Keep a handout for the next time, with the pictures that it depends on."""
    label = {
        "pages": handout.pages,
        "problems": [problem.as_dict() for problem in handout.problems],
        "pictures": {str(file): _hash(file) for file in pictures},
        "sha256": sha256(handout.pdf).hexdigest(),
    }
    if write_cached(f"{_SHELF}/{key}.pdf", handout.pdf):
        write_cached(f"{_SHELF}/{key}.json", json.dumps(label).encode("utf-8"))


def _hash(file: Path) -> str:
    return sha256(_read(file)).hexdigest()


def _read(file: Path) -> bytes:
    try:
        status = file.stat()
        if status.st_size > _LARGEST:  # whoever reads it says so
            return f"\0{status.st_size} {status.st_mtime_ns}".encode("ascii")
        return file.read_bytes()
    except OSError:
        return b"\0missing"
