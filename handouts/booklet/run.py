"""Turn an order for booklets into finished PDFs: the hops in order, and nothing else."""

from __future__ import annotations

from contextlib import nullcontext
from functools import partial
from typing import TYPE_CHECKING

from handouts.booklet.bindery import Bindery, fill_booklet
from handouts.booklet.desk import open_desk
from handouts.booklet.plates import Pressed, Rack
from handouts.order import Layout
from handouts.pipeline import log_hop
from handouts.problem import ExitCode, HandoutError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from contextlib import AbstractContextManager

    from handouts.bind.master import Master
    from handouts.booklet.desk import Desk, Reader
    from handouts.booklet.plates import Key
    from handouts.order import BookletOrder, Look
    from handouts.problem import Report

_ENDINGS = {Layout.PAGES: "", Layout.FOLDED: "-folded", Layout.CARDS: "-cards"}


def make_booklets(order: BookletOrder, report: Report) -> Iterator[tuple[str, bytes]]:
    """Yield the name of each file without its ending, and the finished booklet.

    What stops one client's booklet goes into the report, and the others' are made.

    Raises:
        HandoutError: every problem of every input, before the first page is laid out; or
            ``engine-missing``.
    """
    with log_hop("source", order.programme):
        desk = open_desk(order, report)
    for problems in desk.stopped.values():
        report.extend(problems)
    workshop = Workshop(desk)
    workshop.press(desk.readers)
    masters: dict[Key, Master | HandoutError] = {}
    for reader in desk.readers:
        name, key = name_file(desk, reader), workshop.key(reader)
        try:
            if key not in masters:
                masters[key] = workshop.try_bind(reader, report)
            master = masters[key]
            if isinstance(master, HandoutError):
                raise master
            yield name, fill_booklet(master, reader.name, order.password)
        except HandoutError as error:
            report.extend(error.report)


def name_file(desk: Desk, reader: Reader) -> str:
    """Return ``hip-strength-sam``, or ``hip-strength`` for a booklet of nobody in particular."""
    client = f"-{reader.client.id}" if reader.client else ""
    return f"{desk.order.programme}{client}{_ENDINGS[desk.order.layout]}"


def _press(
    watch: Callable[[], AbstractContextManager[None]], make: Callable[[], Pressed]
) -> Pressed:
    try:
        with watch():
            return make()
    except HandoutError as error:
        if error.exit_code is ExitCode.ENGINE:
            raise
        return Pressed(None, error.report)


class Workshop:
    """Makes the masters of a desk's booklets: one for all who differ in nothing but the name."""

    def __init__(self, desk: Desk, rack: Rack | None = None) -> None:
        """Begin with the plates of a rack, or with none."""
        self._desk = desk
        self._rack = rack or Rack()
        self._binderies: dict[Look, Bindery] = {}

    def key(self, reader: Reader) -> Key:
        """Return what a reader's master depends on, within one order."""
        return (self._desk.find_look(reader), *reader.heeds())

    def press(
        self,
        readers: Iterable[Reader],
        watch: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        """Lay out every plate that the readers' booklets need, each once.

        Args:
            readers: whose booklets come next.
            watch: what watches over the work on one plate, and may stop it.

        Raises:
            HandoutError: ``engine-missing``.
        """
        wanted: dict[Key, Callable[[], Pressed]] = {}
        for reader in readers:
            plates = self._bindery(reader).list_plates(reader)
            wanted |= {key: partial(_press, watch, make) for key, make in plates.items()}
        with log_hop("press", f"{len(wanted)} plates"):
            self._rack.make(wanted)

    def bind(self, reader: Reader, report: Report) -> Master:
        """Return the master of a reader's booklet; its plates have been pressed.

        Raises:
            HandoutError: what stops it.
        """
        with log_hop("bind", name_file(self._desk, reader)):
            return self._bindery(reader).make_master(reader, report)

    def try_bind(self, reader: Reader, report: Report) -> Master | HandoutError:
        """Return the master, or what stops it."""
        try:
            return self.bind(reader, report)
        except HandoutError as error:
            return error

    def _bindery(self, reader: Reader) -> Bindery:
        look = self._desk.find_look(reader)
        if look not in self._binderies:
            self._binderies[look] = Bindery(self._desk, look, self._rack)
        return self._binderies[look]
