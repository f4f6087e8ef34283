"""Turn a roster into booklets as ``handouts booklet --all`` does, but on one processor."""

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
def _watched(clock: Clock) -> Iterator[Callable[..., Any]]:
    """Watch the steps, and yield the function that publishes."""
    from handouts.bind import publish
    from handouts.booklet import bindery, plates

    steps = [
        (plates, "lay_out", "layout"),
        (bindery, "bind_plates", "join"),
        (bindery, "open_places", "places"),
        (bindery, "make_master", "places"),
        (bindery, "fill_master", "compose"),
        (os, "fsync", "fsync"),
    ]
    patches = [
        mock.patch.object(module, name, clock.watch(step, getattr(module, name)))
        for module, name, step in steps
    ]
    for patch in patches:
        patch.start()
    try:
        yield clock.watch("write", publish.publish)
    finally:
        for patch in patches:
            patch.stop()


def main() -> None:
    """Make them, and say where the time went."""
    from handouts.booklet.run import make_booklets
    from handouts.order import BookletOrder
    from handouts.problem import Report
    from handouts.source.workspace import find_workspace

    workspace, programme, roster, output = sys.argv[1:]
    order = BookletOrder(
        find_workspace(Path(workspace), Report()), programme, clients=roster, everyone=True
    )
    clock, count = Clock(), 0
    with _watched(clock) as publish, mock.patch("handouts.crew._count_processors", return_value=1):
        for name, pdf in make_booklets(order, Report()):
            publish(Path(output) / f"{name}.pdf", pdf)
            count += 1
    sys.stdout.write(json.dumps({"count": count, **clock.seconds}) + "\n")


if __name__ == "__main__":
    main()
