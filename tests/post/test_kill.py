"""Whatever kills a sender, no message goes twice and none is lost.

``HANDOUTS_KILLS=500 python -m pytest tests/post/test_kill.py -s`` kills more and prints the counts.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from handouts.post.entry import State
from handouts.post.outbox import Outbox

if TYPE_CHECKING:
    from collections.abc import Callable

    from handouts.post.entry import Draft
    from tests.post.conftest import PostOffice

KILLS = int(os.environ.get("HANDOUTS_KILLS", "30"))
# A life is long enough to log in and send a handful, and ends at any point of it.
SHORTEST, LONGEST = 0.01, 0.06

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no fork and no kill -9")


def kill_until_done(file: Path, port: int, kills: int, seed: int) -> tuple[int, int]:
    """Run senders and kill them, until one ends by itself; return kills and all lives."""
    chance = random.Random(seed)  # noqa: S311  no secret
    script = Path(__file__).with_name("sender.py")
    command = [
        sys.executable,
        str(script),
        str(file),
        str(port),
        "ann@example.org",
        "correct horse",
    ]
    killed = lives = 0
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    ) as nursery:
        assert nursery.stdin is not None
        assert nursery.stdout is not None
        while True:
            lives += 1
            seconds = f"{chance.uniform(SHORTEST, LONGEST)}" if killed < kills else ""
            nursery.stdin.write(f"{seconds}\n")
            status = int(nursery.stdout.readline())
            killed += os.WIFSIGNALED(status)
            if not os.WIFSIGNALED(status):
                assert os.waitstatus_to_exitcode(status) == 0
                nursery.stdin.close()
                return killed, lives


def test_no_kill_makes_a_duplicate_or_loses_a_message(
    tmp_path: Path, office: PostOffice, make_draft: Callable[..., Draft]
) -> None:
    file = tmp_path / "outbox.sqlite"
    drafts = [make_draft(number) for number in range(KILLS * 7)]
    with Outbox(file) as outbox:
        for draft in drafts:
            outbox.add(draft)
    office.delay = 0.001  # at each stage: more is on its way when the kill comes
    killed, _ = kill_until_done(file, office.port, KILLS, seed=7)
    with Outbox(file) as outbox:
        entries = outbox.list_all()
    counts = Counter(entry.state for entry in entries)
    arrived = office.count_ids()
    print(f"\n{killed} kills, {len(entries)} messages: {dict(counts)}, {len(arrived)} arrived")  # noqa: T201
    assert killed >= KILLS * 3 // 4
    assert set(arrived.values()) == {1}  # no duplicate
    assert set(counts) <= {State.SENT, State.IN_DOUBT}
    assert sum(counts.values()) == len(drafts)  # none unaccounted for
    assert counts[State.IN_DOUBT] <= killed
    sent = {entry.message_id for entry in entries if entry.state is State.SENT}
    doubtful = {entry.message_id for entry in entries if entry.state is State.IN_DOUBT}
    assert sent <= set(arrived) <= sent | doubtful


def test_sending_what_was_in_flight_again_would_make_duplicates(
    tmp_path: Path, office: PostOffice, make_draft: Callable[..., Draft]
) -> None:
    """The check above can fail: a message that was taken just before a kill arrives twice."""
    draft = make_draft()
    with Outbox(tmp_path / "outbox.sqlite") as outbox:
        outbox.add(draft)
    office.delay = 0.05
    kill_until_done(tmp_path / "outbox.sqlite", office.port, 0, seed=1)
    with Outbox(tmp_path / "outbox.sqlite") as outbox:
        outbox._base.execute("UPDATE message SET state = 'pending'")  # noqa: SLF001  the mistake
        outbox._base.execute("INSERT INTO content VALUES (?, ?)", (draft.name, draft.data))  # noqa: SLF001
    kill_until_done(tmp_path / "outbox.sqlite", office.port, 0, seed=1)
    assert office.count_ids() == {draft.message_id: 2}
