"""The ledger keeps what it was told, allows only what makes sense, and forgets what has gone."""

from __future__ import annotations

import os
import sqlite3
import stat
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from handouts.post.entry import WAITING, Draft, State
from handouts.post.outbox import Outbox
from handouts.problem import HandoutError

if TYPE_CHECKING:
    from collections.abc import Callable

    MakeDraft = Callable[..., Draft]


def test_an_entry_holds_what_was_put_in(outbox: Outbox, make_draft: MakeDraft) -> None:
    draft = make_draft(7)
    entry = outbox.add(draft)
    for key in Draft.__slots__:
        if key != "data":
            assert getattr(entry, key) == getattr(draft, key)
    assert (entry.number, entry.state, entry.size) == (1, State.PENDING, len(draft.data))
    assert outbox.read(draft.name) == draft.data
    assert outbox.find_number(1) == outbox.find(draft.name) == entry
    assert outbox.find_number(2) is None
    assert outbox.list_of("client7", "plan") == [entry]
    assert outbox.list_of("client7", "other") == []


def test_it_is_there_after_the_program_has_ended(tmp_path: Path, make_draft: MakeDraft) -> None:
    with Outbox(tmp_path / "new" / "outbox.sqlite") as outbox:
        outbox.add(make_draft())
    with Outbox(tmp_path / "new" / "outbox.sqlite") as outbox:
        assert len(outbox.list_all()) == 1


@pytest.mark.skipif(os.name == "nt", reason="Windows has other rights")
def test_nobody_else_may_read_it(tmp_path: Path, make_draft: MakeDraft) -> None:
    with Outbox(tmp_path / "outbox.sqlite") as outbox, outbox.hold():
        outbox.add(make_draft())
        files = list(tmp_path.iterdir())
        assert len(files) >= 3  # the base, its log, the lock
        assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


def test_what_is_committed_survives_a_power_cut(outbox: Outbox) -> None:
    assert outbox._base.execute("PRAGMA journal_mode").fetchone() == ("wal",)  # noqa: SLF001
    assert outbox._base.execute("PRAGMA synchronous").fetchone() == (2,)  # noqa: SLF001  FULL


def test_a_waiting_message_is_replaced_and_one_that_went_is_not(
    outbox: Outbox, make_draft: MakeDraft
) -> None:
    draft = make_draft()
    outbox.add(draft)
    later = replace(draft, recipient="new@example.net", data=b"new")
    assert outbox.add(later).recipient == "new@example.net"
    assert outbox.read(draft.name) == b"new"
    outbox.begin(draft.name, "ann")
    assert outbox.add(draft).recipient == "new@example.net"
    outbox.settle(draft.name, State.SENT, "250 ok")
    assert outbox.add(draft).state is State.SENT


def test_the_pdf_is_not_kept_once_it_has_gone(
    tmp_path: Path, outbox: Outbox, make_draft: MakeDraft
) -> None:
    draft = make_draft()
    outbox.add(draft)
    outbox.begin(draft.name, "ann")
    outbox.settle(draft.name, State.SENT, "250 ok")
    outbox._base.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # noqa: SLF001
    assert draft.data[-200:] not in (tmp_path / "outbox.sqlite").read_bytes()


def test_every_step_is_told(outbox: Outbox, make_draft: MakeDraft) -> None:
    name = outbox.add(make_draft()).name
    outbox.begin(name, "ann")
    assert [entry.name for entry in outbox.settle_interrupted()] == [name]
    assert outbox.settle_interrupted() == []
    outbox.resolve(name, was_sent=True)
    assert [(event.state, event.reply) for event in outbox.events(name)] == [
        (State.PENDING, ""),
        (State.SENDING, ""),
        (State.IN_DOUBT, "the program was stopped while it sent this"),
        (State.SENT, "found among what was sent"),
    ]
    assert len(outbox.sending_times("ann", 0)) == 1
    assert outbox.sending_times("bob", 0) == []


def test_a_file_that_is_no_outbox(tmp_path: Path) -> None:
    file = tmp_path / "outbox.sqlite"
    file.write_bytes(b"a letter to somebody" * 100)
    with pytest.raises(HandoutError) as caught:
        Outbox(file)
    assert [problem.code for problem in caught.value.report] == ["outbox-unusable"]
    assert file.read_bytes() == b"a letter to somebody" * 100


def test_one_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    base = sqlite3.connect(tmp_path / "outbox.sqlite")
    base.execute("PRAGMA user_version = 99")
    base.close()
    with pytest.raises(HandoutError, match="a newer version of handouts wrote it"):
        Outbox(tmp_path / "outbox.sqlite")


def test_a_full_disk_stops_before_anything_is_sent(outbox: Outbox, make_draft: MakeDraft) -> None:
    outbox.add(make_draft(0))
    (pages,) = outbox._base.execute("PRAGMA page_count").fetchone()  # noqa: SLF001
    outbox._base.execute(f"PRAGMA max_page_count = {pages}")  # noqa: SLF001
    with pytest.raises(HandoutError, match="full"):
        outbox.add(replace(make_draft(1), data=b"x" * 100_000))
    assert [entry.client for entry in outbox.list_all()] == ["client0"]  # all of it or nothing


_NAMES = st.sampled_from(["a", "b"])
_AFTER = st.sampled_from([State.SENT, State.DEFERRED, State.REFUSED, State.IN_DOUBT])


class Ledger(RuleBasedStateMachine):
    """Whatever is asked of it in whatever order: what went or may have gone goes only by order."""

    def __init__(self) -> None:
        """Open a ledger; count what was handed over, and ordered by hand."""
        super().__init__()
        self.folder = TemporaryDirectory()
        self.outbox = Outbox(Path(self.folder.name) / "outbox.sqlite")
        self.outbox._base.execute("PRAGMA synchronous = OFF")  # noqa: SLF001  quicker
        self.handed_over = {"a": 0, "b": 0}
        self.ordered = {"a": 1, "b": 1}

    def teardown(self) -> None:
        """Close it."""
        self.outbox.__exit__()
        self.folder.cleanup()

    @rule(name=_NAMES)
    def add(self, name: str) -> None:
        """Enter a message."""
        self.outbox.add(Draft(name, "c", "p", name, 0, "s", "r", "s", "a", f"<{name}>", b"data"))

    @rule(name=_NAMES, after=_AFTER)
    def send(self, name: str, after: State) -> None:
        """Send a message if it waits, as a sender does."""
        entry = self.outbox.find(name)
        if entry is None or entry.state not in WAITING:
            return
        self.outbox.begin(name, "ann")
        with pytest.raises(LookupError):
            self.outbox.begin(name, "ann")
        self.outbox.settle(name, after, "said")
        self.handed_over[name] += after in (State.SENT, State.IN_DOUBT)

    @rule(name=_NAMES)
    def die(self, name: str) -> None:
        """Die while a message may have been handed over."""
        entry = self.outbox.find(name)
        if entry is not None and entry.state in WAITING:
            self.outbox.begin(name, "ann")
            self.handed_over[name] += 1
            self.outbox.settle_interrupted()
            assert self.outbox.get(name).state is State.IN_DOUBT

    @rule(name=_NAMES)
    def retry(self, name: str) -> None:
        """Order a message again."""
        entry = self.outbox.find(name)
        done = self.outbox.retry(name)
        assert done == (entry is not None and entry.state in (State.REFUSED, State.DEFERRED))

    @rule(name=_NAMES, was_sent=st.booleans())
    def resolve(self, name: str, *, was_sent: bool) -> None:
        """Decide on a message in doubt."""
        done = self.outbox.resolve(name, was_sent=was_sent)
        self.ordered[name] += done and not was_sent

    @invariant()
    def none_was_handed_over_more_often_than_ordered(self) -> None:
        """Count."""
        for name, times in self.handed_over.items():
            assert times <= self.ordered[name]

    @invariant()
    def the_states_follow_from_the_events(self) -> None:
        """Compare each message's state with the last that was told of it."""
        for entry in self.outbox.list_all():
            assert self.outbox.events(entry.name)[-1].state is entry.state


Ledger.TestCase.settings = settings(max_examples=25, stateful_step_count=20, deadline=None)
TestLedger = Ledger.TestCase
