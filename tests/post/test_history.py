"""What was sent before decides whether a message goes, and the reason is shown."""

from __future__ import annotations

from dataclasses import replace

import pytest

from handouts.post.entry import Entry, State
from handouts.post.history import Action, decide, judge

PAST = Entry(
    number=12,
    name="n",
    client="sam",
    campaign="plan",
    pdf="one",
    copy=0,
    sender="ann@example.org",
    recipient="sam@example.org",
    subject="s",
    attachment="a.pdf",
    message_id="<n@example.org>",
    size=1000,
    state=State.SENT,
    tries=1,
    not_before=0,
    reply="RCPT: 550 nobody",
    created=0,
    changed=0,
)


def settle(pdf: str, *past: Entry, again: bool = False) -> tuple[Action, str, int]:
    return decide(pdf, past, "sam@example.org", again=again, now=1000)


def test_the_first_time_it_goes() -> None:
    assert settle("one") == (Action.SEND, "", 0)


@pytest.mark.parametrize(
    ("state", "action", "said"),
    [
        (State.PENDING, Action.SEND, ""),
        (State.SENT, Action.KEEP, "sent to sam@example.org on 19"),
        (State.SENDING, Action.KEEP, "handouts outbox resolve 12"),
        (State.IN_DOUBT, Action.KEEP, "handouts outbox resolve 12"),
        (State.REFUSED, Action.KEEP, "(RCPT: 550 nobody); handouts outbox retry 12"),
        (State.DEFERRED, Action.SEND, "deferred before: RCPT: 550 nobody"),
    ],
)
def test_the_same_pdf(state: State, action: Action, said: str) -> None:
    entry = replace(PAST, state=state)
    found = settle("one", entry)
    assert (found[0], found[2]) == (action, 0)
    assert said in found[1]
    assert judge(entry, 1000) == found[:2]


def test_a_deferred_one_waits_for_its_time() -> None:
    found = settle("one", replace(PAST, state=State.DEFERRED, not_before=2000))
    assert found[0] is Action.WAIT
    assert found[1].startswith("until 19")


@pytest.mark.parametrize("state", [State.SENT, State.IN_DOUBT])
def test_again_makes_a_copy(state: State) -> None:
    first, second = replace(PAST, state=state), replace(PAST, state=state, copy=1)
    assert settle("one", first, again=True)[::2] == (Action.SEND, 1)
    assert settle("one", first, second, again=True)[::2] == (Action.SEND, 2)
    assert settle("one", first, replace(second, state=State.PENDING), again=True) == (
        Action.SEND,
        "",
        1,
    )


@pytest.mark.parametrize("state", [State.SENT, State.IN_DOUBT, State.SENDING])
def test_another_version_goes_only_when_asked(state: State) -> None:
    entry = replace(PAST, state=state)
    action, why, copy = settle("two", entry)
    assert (action, copy) == (Action.KEEP, 0)
    assert why.startswith("another version was ")
    assert why.endswith("; --again sends this one too")
    assert settle("two", entry, again=True)[::2] == (Action.SEND, 0)


@pytest.mark.parametrize("state", [State.PENDING, State.DEFERRED, State.REFUSED])
def test_another_version_that_never_went_is_no_hindrance(state: State) -> None:
    assert settle("two", replace(PAST, state=state))[0] is Action.SEND


def test_a_refused_address_that_was_mended_is_tried() -> None:
    entry = replace(PAST, state=State.REFUSED, recipient="smm@example.org")
    assert settle("one", entry) == (
        Action.SEND,
        "smm@example.org was refused, the address has changed",
        0,
    )
