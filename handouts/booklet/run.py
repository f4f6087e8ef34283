"""Turn an order for booklets into finished PDFs: the hops in order, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handouts.booklet.bindery import Bindery, fill_booklet
from handouts.booklet.desk import open_desk
from handouts.booklet.plates import Rack
from handouts.order import Layout
from handouts.pipeline import log_hop
from handouts.problem import HandoutError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from handouts.bind.master import Master
    from handouts.booklet.desk import Desk, Reader
    from handouts.booklet.plates import Key, Pressed
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
    rack = Rack()
    binderies: dict[Look, Bindery] = {}
    wanted: dict[Key, Callable[[], Pressed]] = {}
    for reader in desk.readers:
        look = desk.find_look(reader)
        if look not in binderies:
            binderies[look] = Bindery(desk, look, rack)
        wanted |= binderies[look].list_plates(reader)
    with log_hop("press", f"{len(wanted)} plates"):
        rack.make(wanted)
    masters: dict[Key, Master | HandoutError] = {}
    for reader in desk.readers:
        name, look = _name_file(desk, reader), desk.find_look(reader)
        key = (look, *reader.heeds())
        if key not in masters:
            with log_hop("bind", name):
                masters[key] = _make_master(binderies[look], reader, report)
        try:
            master = masters[key]
            if isinstance(master, HandoutError):
                raise master
            yield name, fill_booklet(master, reader.name, order.password)
        except HandoutError as error:
            report.extend(error.report)


def _make_master(bindery: Bindery, reader: Reader, report: Report) -> Master | HandoutError:
    try:
        return bindery.make_master(reader, report)
    except HandoutError as error:
        return error


def _name_file(desk: Desk, reader: Reader) -> str:
    """Return ``hip-strength-sam``, or ``hip-strength`` for a booklet of nobody in particular."""
    client = f"-{reader.client.id}" if reader.client else ""
    return f"{desk.order.programme}{client}{_ENDINGS[desk.order.layout]}"
