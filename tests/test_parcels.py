"""A file's name tells whose it is, or nobody gets it."""

from __future__ import annotations

import hashlib
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest

from handouts.parcels import Parcel, Piece, pack_parcels, read_title
from handouts.problem import Report
from handouts.source.workspace import Workspace

ROSTER = """\
id,name,email,conditions
sam,Sam,sam@example.org,
sam-jones,Sam Jones,jones@example.org,
jones,Jo Jones,jo@example.org,
zoë,Zoë,zoe@example.org,
"""


def make_pdf(title: str = "", text: str = "") -> bytes:
    pdf = pikepdf.new()
    pdf.add_blank_page()
    if title:
        pdf.docinfo["/Title"] = title
    pdf.docinfo["/Subject"] = text
    stream = BytesIO()
    pdf.save(stream)
    return stream.getvalue()


@pytest.fixture
def practice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in a workspace with clients."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "clients.csv").write_text(ROSTER, encoding="utf-8")
    return tmp_path


def pack(practice: Path, *files: str, **asked: str) -> tuple[list[Parcel], list[str]]:
    """Return the parcels for files of these names, and the problems' lines."""
    for name in files:
        if not (practice / name).exists():
            (practice / name).write_bytes(make_pdf(text=name))
    report = Report()
    pieces = [Piece(Path(name), name) for name in files]
    parcels = pack_parcels(Workspace(practice), pieces, report, **asked)
    return parcels, [str(problem).replace("\n", "") for problem in report]


@pytest.mark.parametrize(
    ("name", "client", "campaign"),
    [
        ("balance-sam.pdf", "sam", "balance"),
        ("balance-SAM.pdf", "sam", "balance"),
        ("my-own-plan-sam.pdf", "sam", "my-own-plan"),
        ("balance-zoe\u0308.pdf", "zoë", "balance"),
        ("balance-jones.pdf", "jones", "balance"),
        ("balance-sam-jones.pdf", "sam-jones", "balance"),  # balance-sam is no programme
        ("balance-sam-cards.pdf", "sam", "balance-cards"),
        ("balance-Zoe\u0308-folded.pdf", "zoë", "balance-folded"),
    ],
)
def test_the_name_tells(practice: Path, name: str, client: str, campaign: str) -> None:
    parcels, problems = pack(practice, name)
    assert problems == []
    assert [(row.client.id, row.campaign) for row in parcels] == [(client, campaign)]


def test_a_name_that_leaves_a_choice_is_nobodys(practice: Path) -> None:
    """A guess could show a stranger what is somebody's own."""
    parcels, problems = pack(practice, "plan-sam-jones.pdf")
    assert parcels == []
    (said,) = problems
    assert said.startswith(
        "plan-sam-jones.pdf: error[ambiguous-client] it is for sam-jones or jones: the name does "
    )
    assert said.endswith("hint: name the client: --client ID")


@pytest.mark.parametrize(
    "name", ["balance.pdf", "balance-sa.pdf", "sam.pdf", "-sam.pdf", "a_sam.pdf"]
)
def test_a_name_that_ends_in_no_id(practice: Path, name: str) -> None:
    parcels, problems = pack(practice, name)
    assert parcels == []
    assert f"{name}: error[unknown-client] it is for no client" in problems[0]


def test_the_client_can_be_named(practice: Path) -> None:
    parcels, problems = pack(practice, "hip-hinge.pdf", "plan-sam-jones.pdf", only="JONES")
    assert problems == []
    assert {row.client.id for row in parcels} == {"jones"}
    assert [row.campaign for row in parcels] == ["hip-hinge", "plan-sam"]
    parcels, problems = pack(practice, "hip-hinge.pdf", only="jon")
    assert 'there is no client "jon"  hint: did you mean "jones"?' in problems[0]


def test_a_file_called_after_somebody_else_is_not_for_the_one_named(practice: Path) -> None:
    """As when a shell's star is answered with everybody's files."""
    parcels, problems = pack(practice, "plan-zoë.pdf", "balance-sam-cards.pdf", only="sam")
    assert [row.campaign for row in parcels] == ["balance-cards"]
    (said,) = problems
    assert said.startswith("plan-zoë.pdf: error[ambiguous-client] it is called after zoë, and --cl")


def test_the_campaign_can_be_named(practice: Path) -> None:
    parcels, _ = pack(practice, "balance-sam.pdf", campaign="spring")
    assert [row.campaign for row in parcels] == ["spring"]


def test_two_versions_for_one_client_are_one_too_many(practice: Path) -> None:
    (practice / "old").mkdir()
    parcels, problems = pack(practice, "balance-sam.pdf", "old/balance-sam.pdf")
    assert len(parcels) == 1
    assert "old/balance-sam.pdf: error[listed-twice] sam would get two versions" in problems[0]
    (practice / "old" / "balance-sam.pdf").write_bytes((practice / "balance-sam.pdf").read_bytes())
    assert pack(practice, "balance-sam.pdf", "old/balance-sam.pdf")[1] == []


def test_what_is_no_pdf_is_not_mailed(practice: Path) -> None:
    (practice / "balance-sam.pdf").write_text("hello", encoding="utf-8")
    (practice / "balance-jones.pdf").mkdir()
    parcels, problems = pack(practice, "balance-sam.pdf", "balance-jones.pdf")
    assert parcels == []
    assert "error[not-a-pdf]" in problems[0]
    assert "error[unreadable] this is not a file" in problems[1]


def test_a_roster_with_problems_says_where(practice: Path) -> None:
    hostile = ROSTER + 'eve,Eve,"a@b.org, evil@x.org",\nmal,=?utf-8?q?x?=,m@x.org,\n'
    (practice / "clients.csv").write_text(hostile, encoding="utf-8")
    parcels, problems = pack(practice, "balance-sam.pdf")
    assert parcels == []
    assert "clients.csv:6:9: error[bad-email]" in problems[0]
    assert "clients.csv:7:5: error[bad-name]" in problems[1]


def test_a_booklet_that_says_another_name_goes_to_nobody(practice: Path) -> None:
    """As when a file was renamed by mistake."""
    (practice / "balance-sam.pdf").write_bytes(make_pdf("Better balance – Zoë"))
    (practice / "balance-zoë.pdf").write_bytes(make_pdf("Better balance – Zoë"))
    parcels, problems = pack(practice, "balance-sam.pdf", "balance-zoë.pdf")
    assert [(row.client.id, row.title) for row in parcels] == [("zoë", "Better balance")]
    assert problems[0].startswith(
        'balance-sam.pdf: error[ambiguous-client] the PDF says that it is for "Zoë", and '
    )


def test_the_title_is_the_pdfs_own(practice: Path) -> None:
    (practice / "balance-sam.pdf").write_bytes(make_pdf("Better\n balance "))
    parcels, _ = pack(practice, "balance-sam.pdf", "hip-strength-beginners-sam.pdf")
    assert [row.title for row in parcels] == ["Better balance", "Hip strength beginners"]
    assert read_title(b"%PDF-1.7 broken") == ""


def give(
    practice: Path, client: str, title: str, *, campaign: str = "balance", **asked: str
) -> tuple[list[Parcel], list[str]]:
    """Return the parcel for a file that a run has made for a client, and the problems' lines."""
    file = practice / "balance-jones.pdf"  # its name is of no account
    data = make_pdf(title)
    file.write_bytes(data)
    digest = hashlib.sha256(data).hexdigest()
    piece = Piece(Path(file.name), file.name, client, campaign, len(data), digest)
    report = Report()
    parcels = pack_parcels(Workspace(practice), [piece], report, **asked)
    return parcels, [str(problem) for problem in report]


@pytest.mark.parametrize("title", ["Balance – Zoë", "Hips – knees – Zoë", ""])
def test_a_run_tells_and_the_name_does_not(practice: Path, title: str) -> None:
    parcels, problems = give(practice, "ZOË", title, campaign="balance-cards")
    assert problems == []
    assert [(row.client.id, row.campaign) for row in parcels] == [("zoë", "balance-cards")]
    assert parcels[0].title == (title.removesuffix(" – Zoë") or "Balance cards")


@pytest.mark.parametrize(
    "title", ["Balance – Sam", "Balance – Zoe", "Balance", "Balance – Zoë \x1b[2J"]
)
def test_a_runs_file_that_does_not_name_its_client_goes_to_nobody(
    practice: Path, title: str
) -> None:
    """As of before an id was given to somebody else: here the list need not know the name."""
    parcels, problems = give(practice, "zoë", title)
    assert parcels == []
    assert problems[0].startswith("balance-jones.pdf: error[ambiguous-client] the PDF says that ")
    assert problems[0].endswith("hint: run the batch again with this list")
    assert "\x1b" not in problems[0]


def test_a_locked_booklet_is_sent_as_it_is(practice: Path) -> None:
    stream = BytesIO()
    with pikepdf.open(BytesIO(make_pdf("Balance – Zoë"))) as pdf:
        pdf.save(stream, encryption=pikepdf.Encryption(user="secret", owner="secret"))
    assert read_title(stream.getvalue()) == ""
    (practice / "balance-zoë.pdf").write_bytes(stream.getvalue())
    parcels, problems = pack(practice, "balance-zoë.pdf")
    assert [(row.client.id, row.title) for row in parcels] == [("zoë", "Balance")]
    assert problems == []


def test_a_run_for_somebody_who_is_not_in_the_list(practice: Path) -> None:
    parcels, problems = give(practice, "bo", "Balance – Bo")
    assert parcels == []
    assert problems[0].startswith('balance-jones.pdf: error[unknown-client] it was made for "bo')
    parcels, problems = give(practice, "zoë", "Balance – Zoë", campaign="")
    assert parcels == []
    assert "error[not-a-run] the run does not say of which programme this is" in problems[0]


def test_of_a_run_the_one_named_gets_their_own(practice: Path) -> None:
    parcels, problems = give(practice, "zoë", "Balance – Zoë", only="Zoë")
    assert (len(parcels), problems) == (1, [])
    parcels, problems = give(practice, "zoë", "Balance – Zoë", only="sam")
    assert parcels == []
    assert problems[0].startswith("--client: error[unknown-client] the run has made nothing for sa")
