"""Turn what is wanted of a batch into one value, and into the files by which runs remember it.

Light on purpose: whether anything has changed is asked before any model is imported.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from handouts.batch.limit import Limit
from handouts.crew import count_processors

if TYPE_CHECKING:
    from pathlib import Path

    from handouts.order import BookletOrder

MANIFEST, JOURNAL = "{}.manifest.jsonl", ".{}.journal.jsonl"
_GATHERED = "{}.print.pdf"


@dataclass(frozen=True, slots=True)
class BatchOrder:
    """Booklets of one programme to make for everyone in a list, into one folder."""

    booklets: BookletOrder
    folder: Path
    workers: int = 0
    """Processes on this machine; 0 for one a processor."""
    scheduler: str | None = None
    """The address of a cluster that works instead: ``tcp://…``."""
    resume: bool = False
    """Whether it must be the interrupted run that goes on, with nothing changed since."""
    merge: bool = False
    """Whether one file of all is made as well, for a copy shop."""
    limit: Limit = field(default_factory=Limit)

    @property
    def manifest(self) -> Path:
        """Where the manifest lies."""
        return self._find_file(MANIFEST)

    @property
    def journal(self) -> Path:
        """Where the journal of a run lies until it ends."""
        return self._find_file(JOURNAL)

    @property
    def gathered(self) -> Path:
        """Where the one file of all goes; no client's file has such a name."""
        return self._find_file(_GATHERED)

    def count_workers(self) -> int:
        """Return how many copies are made at a time: they wait for the disk as well."""
        return self.workers or count_processors()

    def count_layers(self) -> int:
        """Return how many pages are laid out at a time: more than processors only take longer."""
        return min(self.count_workers(), count_processors())

    def list_related(self) -> list[Path]:
        """Return the manifests of other runs in the folder whose files could have names of ours."""
        ending, slug = MANIFEST.format(""), self.booklets.programme
        try:
            names = os.listdir(self.folder)  # noqa: PTH208  ten thousand names, of which few are wanted
        except OSError:  # the folder need not exist
            return []
        others = sorted(name.removesuffix(ending) for name in names if name.endswith(ending))
        files = [
            self.folder / MANIFEST.format(other)
            for other in others
            # "hip" and "hip-strength" can clash, "hip" and "knee" cannot.
            if other.startswith(f"{slug}-") or slug.startswith(f"{other}-")
        ]
        return [file for file in files if file != self.manifest]

    def _find_file(self, pattern: str) -> Path:
        layout = self.booklets.layout
        ending = "" if layout == "pages" else f"-{layout}"
        return self.folder / pattern.format(f"{self.booklets.programme}{ending}")
