"""One file of all: each client once, in the list's order, and never beside another run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pypdfium2
import pytest

from handouts.batch.folder import hold_folder
from handouts.batch.gather import gather_booklets
from handouts.batch.plan import plan_batch
from handouts.problem import HandoutError, Report

if TYPE_CHECKING:
    from handouts.batch.plan import BatchOrder


def test_each_client_is_in_it_once_on_a_right_hand_page(order: BatchOrder) -> None:
    file = gather_booklets(plan_batch(order, Report()), Report())
    with pypdfium2.PdfDocument(file) as document:
        bookmarks = [*document.get_toc()]
        assert [mark.get_title() for mark in bookmarks] == ["Sam Green", "Ann Lee", "李明 Li"]
        begins = [mark.get_dest().get_index() for mark in bookmarks]
    assert begins[0] == 0 < begins[1] < begins[2]
    assert [begin % 2 for begin in begins] == [0, 0, 0]


def test_a_folder_that_another_run_has_is_left_alone(order: BatchOrder) -> None:
    order.folder.mkdir()
    plan = plan_batch(order, Report())
    with hold_folder(order.folder), pytest.raises(HandoutError, match="output-busy"):
        gather_booklets(plan, Report())
    assert not plan.gathered.exists()
