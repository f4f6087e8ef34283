"""Letters are made from the files as they are, and what is written cannot be lost or mixed up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from handouts.delivery import Clerk, Wish, enter_mail, plan_mail, write_drafts
from handouts.model.client import Client
from handouts.parcels import Parcel
from handouts.post.entry import State
from handouts.post.history import Action
from handouts.post.letter import hash_pdf
from handouts.post.outbox import Outbox
from handouts.problem import HandoutError, Report
from handouts.source.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PDF = b"%PDF-1.7\n%%EOF\n"


@pytest.fixture
def clerk(tmp_path: Path) -> Clerk:
    """Return who writes the letters of a workspace."""
    file = tmp_path / "handouts.toml"
    file.write_text('[trainer]\nemail = "ann@example.org"\n', encoding="utf-8")
    return Clerk(Workspace(tmp_path, file), Wish(), Report())


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    """Return an empty outbox."""
    with Outbox(tmp_path / "outbox.sqlite") as made:
        yield made


def make_parcel(
    folder: Path, client: str = "sam", campaign: str = "plan", pdf: bytes = PDF
) -> Parcel:
    file = folder / f"{hash(campaign)}-{client}.pdf"
    file.write_bytes(pdf)
    person = Client(id=client, name="Sam", email="sam@example.net", conditions=())
    return Parcel(person, file, hash_pdf(pdf), "Plan", campaign, len(pdf))


def test_a_file_that_changes_under_way_is_not_sent(
    clerk: Clerk, outbox: Outbox, tmp_path: Path
) -> None:
    parcel = make_parcel(tmp_path)
    rows = plan_mail(clerk, [parcel], outbox)
    assert [row.action for row in rows] == [Action.SEND]
    for spoil in (lambda: parcel.file.write_bytes(b"%PDF-other"), parcel.file.unlink):
        spoil()
        with pytest.raises(HandoutError) as caught:
            enter_mail(clerk, rows, outbox)
        assert [problem.code for problem in caught.value.report] == ["file-changed"]
    assert outbox.list_all() == []


@pytest.mark.parametrize("spare", [0, 1, 2, 3, 41, 42, 43, 44, 98, 99, 100, 12345])
def test_the_size_is_known_before_the_pdf_is_put_in(
    clerk: Clerk, tmp_path: Path, spare: int
) -> None:
    """The PDF has 15 bytes; 57 fill a line of base64, and three make four letters."""
    (row,) = plan_mail(clerk, [make_parcel(tmp_path, pdf=PDF + bytes(spare))], None)
    draft = clerk.write(row)
    assert (row.size, row.name) == (len(draft.data), draft.name)


def test_entering_twice_is_entering_once(clerk: Clerk, outbox: Outbox, tmp_path: Path) -> None:
    rows = plan_mail(clerk, [make_parcel(tmp_path)], outbox)
    assert enter_mail(clerk, rows, outbox) == enter_mail(clerk, rows, outbox)
    (entry,) = outbox.list_all()
    assert entry.message_id == f"<{entry.name[:40]}@example.org>"
    assert f"Message-ID: {entry.message_id}\r\n".encode() in outbox.read(entry.name)


def test_a_newer_version_does_not_displace_one_that_is_being_sent(
    clerk: Clerk, outbox: Outbox, tmp_path: Path
) -> None:
    rows = plan_mail(clerk, [make_parcel(tmp_path)], outbox)
    (first,) = enter_mail(clerk, rows, outbox)
    newer = plan_mail(clerk, [make_parcel(tmp_path, pdf=PDF + b"new")], outbox)
    assert newer[0].action is Action.SEND
    outbox.begin(first, "ann")  # by another program, just now
    enter_mail(clerk, newer, outbox)
    assert outbox.get(first).state is State.SENDING


def test_drafts_of_long_names_do_not_fall_together(clerk: Clerk, tmp_path: Path) -> None:
    campaigns = ["a" * 40 + end for end in ("x", "y")]
    parcels = [
        make_parcel(tmp_path, client, campaign)
        for client in ("s" * 60, "s" * 59 + "t")
        for campaign in campaigns
    ]
    files = write_drafts(clerk, plan_mail(clerk, parcels, None), tmp_path / "drafts")
    assert len(set(files)) == len(list((tmp_path / "drafts").iterdir())) == 4


def test_a_path_in_a_campaigns_name_leads_nowhere(clerk: Clerk, tmp_path: Path) -> None:
    parcel = make_parcel(tmp_path, campaign="../../evil")
    (file,) = write_drafts(clerk, plan_mail(clerk, [parcel], None), tmp_path / "drafts")
    assert file.parent == tmp_path / "drafts"
    assert file.name == "evil-sam.eml"
