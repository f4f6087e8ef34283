"""The flags that all commands of booklets share become an order, or a contradiction is told."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import click
import pytest

from handouts.cli import batch, booklet
from handouts.cli.binding import binding_options, take_order
from handouts.order import Layout, Look
from handouts.source.workspace import Workspace

if TYPE_CHECKING:
    from handouts.order import BookletOrder

SAID: dict[str, Any] = {
    **dict.fromkeys(["paper", "size", "ink", "detail", "theme"]),
    **dict.fromkeys(["clients", "sequence", "start", "since", "password"]),
    "chosen": (),
    "everyone": False,
    "layout": "pages",
    "fillable": False,
    "archive": False,
}


def take(**said: object) -> BookletOrder:
    """Return the order that these flags mean beside the usual ones."""
    return take_order(Workspace(), "tiny", {**SAID, **said})


def test_nothing_said_is_a_booklet_for_nobody_in_particular() -> None:
    order = take()
    assert (order.programme, order.layout, order.look) == ("tiny", Layout.PAGES, Look())
    assert (order.chosen, order.everyone, order.start) == ((), False, None)


def test_what_is_said_is_ordered() -> None:
    order = take(
        chosen=("sam", "ann", "sam"),
        clients="list.csv",
        layout="cards",
        ink="mono",
        start=datetime(2026, 11, 23),  # noqa: DTZ001  as click reads it
        password="secret",  # noqa: S106
    )
    assert order.chosen == ("sam", "ann")
    assert order.layout is Layout.CARDS
    assert order.look == Look(ink="mono")
    assert order.start == date(2026, 11, 23)
    assert (order.clients, order.password) == ("list.csv", "secret")


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"chosen": ("sam",), "everyone": True}, "not both"),
        ({"clients": "list.csv"}, "say for whom"),
        ({"fillable": True, "layout": "folded"}, "--fillable needs"),
        ({"archive": True, "fillable": True}, "--fillable changes it"),
        ({"archive": True, "password": ""}, "--password locks it"),
        ({"archive": True, "layout": "folded"}, "--archive keeps pages"),
        ({"layout": "folded", "size": "large"}, "12 pt at most"),
        ({"layout": "cards", "since": "old.yaml"}, "--since needs"),
        ({"start": datetime(1999, 12, 31)}, "no year of ours"),  # noqa: DTZ001
    ],
)
def test_what_contradicts_itself_is_told(said: dict[str, Any], reason: str) -> None:
    with pytest.raises(click.UsageError, match=reason):
        take(**said)


def test_both_commands_have_the_same_flags() -> None:
    @click.command
    @binding_options
    def bare(**_: object) -> None:
        """Do nothing."""

    shared = {parameter.name for parameter in bare.params}
    assert len(shared) >= 13
    for module in (batch, booklet):
        assert shared <= {parameter.name for parameter in module.command.params}
