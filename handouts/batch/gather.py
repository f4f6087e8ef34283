"""Turn everybody's booklets into one file to print, each client's behind the one before."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from handouts.batch.folder import hold_folder
from handouts.bind.merge import merge_copies
from handouts.bind.publish import publish_stream
from handouts.pipeline import log_hop
from handouts.press.line import set_lines
from handouts.problem import HandoutError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from handouts.batch.plan import Plan
    from handouts.bind.master import Master
    from handouts.booklet.plates import Key
    from handouts.model.programme import Programme
    from handouts.problem import Report

_MASTERS = 32
"""That are kept while their clients stand among others in the list: 12 MB."""


def gather_booklets(plan: Plan, report: Report) -> Path:
    """Write the booklets of all who may have one, in the order of the list; return the file.

    Plates that a run has just made are at hand.

    Raises:
        HandoutError: ``no-clients``, ``output-busy``, ``cannot-write`` or ``disk-full``; an older
            file is as it was.
    """
    programme, name = plan.desk.booklet.programme, plan.gathered.name
    with hold_folder(plan.order.folder), log_hop("bind", name):
        plan.workshop.press(plan.readers.values(), plan.order.limit.watch)
        _write(plan, programme, report)
    return plan.gathered


def _write(plan: Plan, programme: Programme, report: Report) -> None:
    with publish_stream(plan.gathered) as stream:
        made = merge_copies(
            stream,
            _list_copies(plan, report),
            programme.title,
            programme.language,
            report,
            set_lines=set_lines,
        )
        if not made:
            raise HandoutError.of(
                "no-clients",
                "there is no booklet to put into one file",
                hint="leave --merge out, or mend what stops them",
            )


def _list_copies(plan: Plan, report: Report) -> Iterator[tuple[Master, str, str]]:
    readers = {plan.workshop.key(reader): reader for reader in plan.readers.values()}

    @lru_cache(maxsize=_MASTERS)
    def find_master(key: Key) -> Master | None:
        try:
            return plan.workshop.bind(readers[key], report)
        except HandoutError:
            return None  # the run has said why

    for reader in plan.readers.values():
        if master := find_master(plan.workshop.key(reader)):
            yield master, reader.name or "", ""
