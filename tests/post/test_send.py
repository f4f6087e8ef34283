"""A run settles every message: sent, deferred, refused or in doubt, and keeps to the limits."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from handouts.post.entry import State
from handouts.post.outbox import Outbox
from handouts.post.send import DAY, HOUR, count_room, find_wait, send_waiting
from handouts.problem import HandoutError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from handouts.post.entry import Draft, Entry
    from handouts.post.presets import Server
    from handouts.post.send import Tally
    from handouts.post.smtp import Connection
    from tests.post.conftest import PostOffice

    MakeDraft = Callable[..., Draft]
    Send = Callable[..., Tally]
    ServerOf = Callable[..., Server]


@pytest.fixture
def states(outbox: Outbox) -> Callable[[], list[State]]:
    """Return a function that tells the state of every message."""
    return lambda: [entry.state for entry in outbox.list_all()]


def fill(outbox: Outbox, make_draft: MakeDraft, count: int) -> list[str]:
    return [outbox.add(make_draft(number)).name for number in range(count)]


def test_fifty_go_over_one_connection(
    outbox: Outbox, office: PostOffice, make_draft: MakeDraft, send: Send
) -> None:
    fill(outbox, make_draft, 50)
    tally = send()
    assert (tally.count(State.SENT), tally.stopped) == (50, None)
    assert len(office.logins) == 1
    assert office.received == [make_draft(number).data for number in range(50)]
    assert set(office.count_ids().values()) == {1}


def test_what_has_gone_does_not_go_again(
    outbox: Outbox, office: PostOffice, make_draft: MakeDraft, send: Send
) -> None:
    names = fill(outbox, make_draft, 3)
    send()
    assert send(*names).settled == {}
    assert fill(outbox, make_draft, 3) == names  # entered once more: the ledger knows them
    assert send(*names).settled == {}
    assert len(office.received) == 3


def test_a_deferred_message_waits_longer_each_time(
    outbox: Outbox, office: PostOffice, make_draft: MakeDraft, send: Send
) -> None:
    """Greylisting: turned away at first, taken after a wait."""
    (name,) = fill(outbox, make_draft, 1)
    office.faults["RCPT"] = ["451 4.7.1 greylisted", "451 4.7.1 greylisted"]
    send()
    first = outbox.get(name)
    assert (first.state, first.tries) == (State.DEFERRED, 1)
    assert first.reply == "RCPT: 451 4.7.1 greylisted"
    assert 290 < first.not_before - time.time() <= 300
    assert send(later=100).settled == {}  # too early
    send(later=301)
    assert 590 < outbox.get(name).not_before - time.time() - 301 <= 600
    send(later=1000)
    assert (outbox.get(name).state, len(office.received)) == (State.SENT, 1)


def test_each_message_has_its_own_outcome(
    outbox: Outbox,
    office: PostOffice,
    make_draft: MakeDraft,
    send: Send,
    states: Callable[[], list[State]],
) -> None:
    fill(outbox, make_draft, 6)
    office.faults["RCPT"] = ["550 5.1.1 nobody", "", "450 4.2.1 later"]
    office.faults["text"] = ["", "554 5.7.1 spam", "take it and drop"]
    tally = send()
    wanted = [
        State.REFUSED,
        State.SENT,
        State.DEFERRED,
        State.REFUSED,
        State.IN_DOUBT,
        State.SENT,
    ]
    assert states() == wanted
    assert list(tally.settled.values()) == wanted
    assert len(office.received) == 3  # the one in doubt was taken
    assert len(office.logins) == 2  # and its connection was lost
    send(later=400)
    assert len(office.received) == 4  # only the deferred one


def test_one_in_doubt_is_never_sent_by_itself(
    outbox: Outbox, office: PostOffice, make_draft: MakeDraft, send: Send
) -> None:
    (name,) = fill(outbox, make_draft, 1)
    office.faults["text"] = ["drop"]
    send()
    assert outbox.get(name).state is State.IN_DOUBT
    assert not outbox.retry(name)
    assert send(later=DAY).settled == {}
    assert office.received == []
    assert outbox.resolve(name, was_sent=False)
    send()
    assert (outbox.get(name).state, len(office.received)) == (State.SENT, 1)


def test_a_connection_that_the_server_closes_between_messages_is_opened_anew(
    outbox: Outbox, office: PostOffice, make_draft: MakeDraft, send: Send
) -> None:
    """As servers do that take so many messages a connection."""
    fill(outbox, make_draft, 4)
    office.faults["MAIL"] = ["", "421 4.7.0 enough for now", "", "drop"]
    assert send().count(State.SENT) == 4
    assert (len(office.logins), len(office.received)) == (3, 4)


@pytest.mark.parametrize(
    ("stage", "action", "tried"),
    [
        ("connect", "421 4.3.2 busy", 0),
        ("AUTH", "535 5.7.8 wrong", 0),
        ("MAIL", "421 4.7.0 too many", 3),
        ("MAIL", "450 4.2.1 too fast", 3),
        ("MAIL", "550 5.7.60 not your address", 1),
        ("MAIL", "530 5.7.0 log in first", 1),
        ("RCPT", "drop", 3),
    ],
)
def test_a_server_that_takes_nothing_is_left_alone(  # noqa: PLR0913, PLR0917  fixtures
    outbox: Outbox,
    office: PostOffice,
    make_draft: MakeDraft,
    send: Send,
    stage: str,
    action: str,
    tried: int,
) -> None:
    """And no message is left without a state of its own."""
    fill(outbox, make_draft, 6)
    office.always[stage] = action
    tally = send()
    assert (tally.stopped is not None) == (tried == 0)
    entries = outbox.list_all()
    untried = [entry for entry in entries if entry.reply.startswith("not tried: ")]
    assert len(untried) == 6 - tried
    assert {entry.state for entry in entries} <= {State.DEFERRED, State.REFUSED}
    assert {(entry.state, entry.tries, entry.not_before) for entry in untried} == {
        (State.DEFERRED, 0, 0)
    }
    office.always.clear()
    send(later=600)
    assert len(office.received) == 6 - (action[:3] == "550")


@pytest.mark.parametrize(("limits", "most"), [({"per_hour": 3}, 3), ({"per_day": 4}, 4)])
def test_a_limit_is_kept_to(  # noqa: PLR0913, PLR0917  fixtures
    outbox: Outbox,
    office: PostOffice,
    make_draft: MakeDraft,
    send: Send,
    server_of: ServerOf,
    limits: dict[str, int],
    most: int,
) -> None:
    fill(outbox, make_draft, 6)
    server = server_of(office, **limits)
    assert count_room(outbox, server, time.time()) == most
    send(**limits)
    assert len(office.received) == most
    assert count_room(outbox, server, time.time()) == 0
    left = [entry for entry in outbox.list_all() if entry.state is State.DEFERRED]
    span = HOUR if "per_hour" in limits else DAY
    words = "an hour" if span == HOUR else "a day"
    assert {entry.reply for entry in left} == {f"not tried: the limit of {most} {words}"}
    assert all(span - 60 < entry.not_before - time.time() <= span for entry in left)
    assert send(later=span / 2, **limits).settled == {}
    until, _ = find_wait(outbox, server, time.time())
    assert until == left[0].not_before
    send(later=span + 5, **limits)
    assert len(office.received) == 6


def test_another_account_has_limits_of_its_own(
    outbox: Outbox, office: PostOffice, make_draft: MakeDraft, send: Send, server_of: ServerOf
) -> None:
    fill(outbox, make_draft, 2)
    send(per_hour=2)
    other = server_of(office, user="bob@example.org", per_hour=2)
    assert count_room(outbox, other, time.time()) == 2
    assert count_room(outbox, server_of(office), time.time()) is None
    assert count_room(None, other, time.time()) == 2


def test_a_message_that_is_too_large_is_refused_before_it_is_begun(
    outbox: Outbox, office: PostOffice, make_draft: MakeDraft, send: Send
) -> None:
    (name,) = fill(outbox, make_draft, 1)
    office.most_bytes = 1000
    send()
    assert outbox.get(name).state is State.REFUSED
    assert outbox.get(name).reply.endswith("more than the 1000 that the server takes")
    assert office.received == []


def test_the_server_is_given_time_between_messages(
    outbox: Outbox, office: PostOffice, make_draft: MakeDraft, server_of: ServerOf
) -> None:
    names = fill(outbox, make_draft, 3)
    slept: list[float] = []
    server = server_of(office, pause=2.0)
    connection = _Fake()
    send_waiting(outbox, server, lambda: connection, names, sleep=slept.append)  # type: ignore[arg-type, return-value]
    assert slept == [2.0, 2.0, 2.0]


class _Fake:
    """A connection that is pulled from under a sender by its user."""

    most_bytes = None
    taken = 0

    def hand_over(self, _s: str, _r: str, _d: bytes, before_text: Callable[[], None]) -> object:
        """Begin, and either succeed or be interrupted."""
        from handouts.post.smtp import Outcome

        before_text()
        if self.taken < 0:
            raise KeyboardInterrupt
        return Outcome(State.SENT, "250 ok", "text")

    def close(self) -> None:
        """Close nothing."""


def test_ctrl_c_leaves_one_in_doubt_and_the_rest_waiting(
    outbox: Outbox,
    office: PostOffice,
    make_draft: MakeDraft,
    server_of: ServerOf,
    states: Callable[[], list[State]],
) -> None:
    names = fill(outbox, make_draft, 3)
    connection = _Fake()
    connection.taken = -1
    with pytest.raises(KeyboardInterrupt):
        send_waiting(outbox, server_of(office), lambda: connection, names)  # type: ignore[arg-type, return-value]
    assert states() == [State.IN_DOUBT, State.PENDING, State.PENDING]


def test_one_sender_at_a_time(
    outbox: Outbox, make_draft: MakeDraft, send: Send, tmp_path: Path
) -> None:
    fill(outbox, make_draft, 1)
    with Outbox(tmp_path / "outbox.sqlite") as other, other.hold():
        with pytest.raises(HandoutError) as caught:
            send()
        assert [problem.code for problem in caught.value.report] == ["outbox-busy"]
    assert send().count(State.SENT) == 1


def test_looking_puts_in_doubt_what_a_dead_sender_left_but_not_what_a_living_one_has(
    outbox: Outbox, make_draft: MakeDraft, tmp_path: Path
) -> None:
    (name,) = fill(outbox, make_draft, 1)
    outbox.begin(name, "somebody")
    with Outbox(tmp_path / "outbox.sqlite") as other:
        with other.hold():
            assert outbox.recover() == []
            assert outbox.get(name).state is State.SENDING
        assert [entry.name for entry in outbox.recover()] == [name]
        assert other.get(name).state is State.IN_DOUBT


def test_what_a_dead_sender_left_is_put_in_doubt_and_told(
    outbox: Outbox, office: PostOffice, make_draft: MakeDraft, server_of: ServerOf
) -> None:
    first, second = fill(outbox, make_draft, 2)
    outbox.begin(first, "somebody")
    noted: list[Entry] = []

    def connect() -> Connection:
        raise HandoutError.of("mail-unreachable", "gone")

    tally = send_waiting(outbox, server_of(office), connect, [first, second], noted.append)
    assert [(entry.name, entry.state) for entry in noted] == [
        (first, State.IN_DOUBT),
        (second, State.DEFERRED),
    ]
    assert tally.settled == {first: State.IN_DOUBT, second: State.DEFERRED}
