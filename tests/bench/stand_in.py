"""Turn a roster into booklets as ``handouts batch`` does, but in one process, which is watched."""

from __future__ import annotations

import json
import os
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

STEPS = ("layout", "join", "places", "compose", "write", "fsync")


_CHUNK = 100


class Clock:
    """Seconds by step, of functions that are watched."""

    def __init__(self) -> None:
        """Begin with none."""
        self.seconds = dict.fromkeys(STEPS, 0.0)
        self._inner = [0.0]

    def watch(self, step: str, call: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function whose own time is added to a step, without the watched ones in it."""

        def watched(*rest: Any, **more: Any) -> Any:  # noqa: ANN401  whatever is watched
            begin = time.perf_counter()
            self._inner.append(0.0)
            try:
                return call(*rest, **more)
            finally:
                spent = time.perf_counter() - begin
                self.seconds[step] += spent - self._inner.pop()
                self._inner[-1] += spent

        return watched


@contextmanager
def _watched(clock: Clock) -> Iterator[None]:
    """Watch the steps."""
    from handouts.batch import work
    from handouts.bind import publish
    from handouts.booklet import bindery
    from handouts.press import store

    steps = [
        (store, "lay_out", "layout"),
        (bindery, "bind_plates", "join"),
        (bindery, "open_places", "places"),
        (bindery, "make_master", "places"),
        (work, "fill_parts", "compose"),
        (publish.Draft, "write", "write"),
        (os, "fsync", "fsync"),
    ]
    patches = [
        mock.patch.object(module, name, clock.watch(step, getattr(module, name)))
        for module, name, step in steps
    ]
    for patch in patches:
        patch.start()
    try:
        yield
    finally:
        for patch in patches:
            patch.stop()


def main() -> None:
    """Make them, and say where the time went."""
    from handouts.batch.limit import Limit
    from handouts.batch.work import Chunk, Copy, keep_master, make_chunk
    from handouts.booklet.desk import open_desk
    from handouts.booklet.run import Workshop, name_file
    from handouts.order import BookletOrder
    from handouts.problem import Report
    from handouts.source.workspace import find_workspace

    workspace, programme, roster, output = sys.argv[1:]
    order = BookletOrder(
        find_workspace(Path(workspace), Report()), programme, clients=roster, everyone=True
    )
    clock, master = Clock(), Path(output) / "0.master"
    with _watched(clock), mock.patch("handouts.crew.count_processors", return_value=1):
        desk = open_desk(order, Report())
        workshop = Workshop(desk)
        workshop.press(desk.readers)
        master.parent.mkdir()
        # All of the list have the same needs: there is one master.
        keep_master(workshop.bind(desk.readers[0], Report()), master)
        copies = [
            Copy(str(reader.id), reader.name or "", f"{name_file(desk, reader)}.pdf", "")
            for reader in desk.readers
        ]
        for first in range(0, len(copies), _CHUNK):
            part = tuple(copies[first : first + _CHUNK])
            make_chunk(Chunk(str(master), part, output, Limit()))
    sys.stdout.write(json.dumps({"count": len(copies), **clock.seconds}) + "\n")


if __name__ == "__main__":
    main()
