"""A plan knows what is there, what a change touches, and all that is wrong before it begins."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from handouts.batch.manifest import read_manifest
from handouts.batch.plan import find_clashes, plan_batch
from handouts.problem import HandoutError, Report
from tests.batch.conftest import BAD_BACK, CLIENTS, PLAN, SQUAT, read_made

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

    from handouts.batch.plan import BatchOrder

    Run = Callable[..., subprocess.CompletedProcess[str]]

LOGO = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><rect width="{}" height="9"/></svg>'
)


def results(ran: subprocess.CompletedProcess[str]) -> dict[str, str]:
    """Return what became of each client."""
    lines = [line.split("\t") for line in ran.stdout.splitlines()]
    return {client: result for result, client, _ in lines}


def change(file: Path, old: str, new: str) -> None:
    """Write something else into a file."""
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def test_a_second_run_makes_nothing_and_touches_nothing(
    practice: Path, handouts: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = handouts("batch", "tiny")
    assert (first.returncode, set(results(first).values())) == (0, {"made"})
    files = {file: file.stat().st_mtime_ns for file in (practice / "output").iterdir()}
    for module in ("work.fill_parts", "run.make_chunk", "masters.keep_master"):
        monkeypatch.setattr(f"handouts.batch.{module}", None)
    monkeypatch.setattr("handouts.press.store.lay_out", None)
    again = handouts("batch", "tiny")
    assert (again.returncode, set(results(again).values())) == (0, {"unchanged"})
    assert again.stderr == "3 unchanged\n"
    pdfs = [file for file in files if file.suffix == ".pdf"]
    assert {file: file.stat().st_mtime_ns for file in pdfs} == {file: files[file] for file in pdfs}


CHANGES = [
    ("clients.csv", "Sam Green", "Sam Grey", "sam"),
    ("clients.csv", "backache", "none", "ann"),
    ("clients.csv", "Ann Lee,backache", "Ann Lee,osteoporosis", "ann"),
    ("clients.csv", "sam,Sam", "max,Max May,none,tiny\nsam,Sam", "max"),
    ("clients.csv", "li,李明 Li,none,tiny\n", "", ""),
    ("programmes/tiny.yaml", "2 × 9", "2 × 8", "ann li sam"),
    ("exercises/squat.yaml", "Bend", "Now bend", "ann li sam"),
    ("styles/booklet.css", "#222", "#333", "ann li sam"),
    ("logo.svg", LOGO.format(9), LOGO.format(5), "ann li sam"),
    ("handouts.toml", '"Ann"', '"Ann B."', "ann li sam"),
]


def test_a_change_makes_anew_what_it_touches_and_nothing_else(
    practice: Path, handouts: Run, subtests: pytest.Subtests
) -> None:
    (practice / "logo.svg").write_text(LOGO.format(9), encoding="utf-8")
    (practice / "styles").mkdir()
    (practice / "styles" / "booklet.css").write_text(".x { color: #222 }\n", encoding="utf-8")
    change(practice / "handouts.toml", '"Ann"', '"Ann"\nlogo = "logo.svg"')
    handouts("batch", "tiny")
    for file, old, new, touched in CHANGES:
        with subtests.test(f"{file}: {new}"):
            before = (practice / file).read_text("utf-8")
            change(practice / file, old, new)
            ran = handouts("batch", "tiny", "--dry-run")
            (practice / file).write_text(before, encoding="utf-8")
            assert ran.returncode == 0, ran.stderr
            found = results(ran)
            made = {client for client, result in found.items() if result == "would be made"}
            assert made == set(touched.split())
            assert set(found.values()) <= {"would be made", "unchanged"}


@pytest.mark.parametrize("where", ["handouts.order", "handouts.batch.plan"])
def test_another_version_of_the_program_makes_all_anew(
    practice: Path, handouts: Run, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    assert practice
    handouts("batch", "tiny")
    monkeypatch.setattr(f"{where}.__version__", "99")
    found = set(results(handouts("batch", "tiny", "--dry-run")).values())
    # What only the manifest says of the version does not reach the paper.
    assert found == ({"would be made"} if where == "handouts.order" else {"unchanged"})


def test_a_flag_makes_all_anew(practice: Path, handouts: Run) -> None:
    assert practice
    handouts("batch", "tiny")
    for flags in (["--ink", "mono"], ["--start", "2026-12-01"], ["--fillable"], ["--archive"]):
        ran = handouts("batch", "tiny", "--dry-run", *flags)
        assert set(results(ran).values()) == {"would be made"}, flags


def test_a_deleted_and_an_edited_file_are_made_anew(practice: Path, handouts: Run) -> None:
    handouts("batch", "tiny")
    output = practice / "output"
    before = read_made(output)
    (output / "tiny-sam.pdf").unlink()
    (output / "tiny-ann.pdf").write_bytes(before["tiny-ann.pdf"] + b"%")
    ran = handouts("batch", "tiny")
    assert results(ran) == {"sam": "made", "ann": "made", "li": "unchanged"}
    assert read_made(output) == before


def test_who_has_left_keeps_the_entry_and_the_file(practice: Path, handouts: Run) -> None:
    handouts("batch", "tiny")
    file = practice / "output" / "tiny.manifest.jsonl"
    before = read_manifest(file)
    change(practice / "clients.csv", "sam,Sam Green,none,tiny\n", "")
    handouts("batch", "tiny")
    after = read_manifest(file)
    assert before
    assert after
    assert after.entries["sam"] == replace(before.entries["sam"], listed=False)
    assert [entry.client for entry in after.entries.values() if entry.listed] == ["ann", "li"]
    assert "tiny-sam.pdf" in read_made(practice / "output")


def test_what_is_locked_is_made_anew_and_what_was_locked_too(practice: Path, handouts: Run) -> None:
    assert practice
    locked = ["batch", "tiny", "--password", "correct horse"]
    handouts(*locked)
    assert set(results(handouts(*locked, "--dry-run")).values()) == {"would be made"}
    assert set(results(handouts("batch", "tiny")).values()) == {"made"}
    assert b"/Encrypt" not in b"".join(read_made(practice / "output").values())
    manifest = (practice / "output" / "tiny.manifest.jsonl").read_text("utf-8")
    assert "correct horse" not in manifest


def test_the_manifest_says_who_has_what_made_from_what(practice: Path, handouts: Run) -> None:
    from hashlib import sha256

    handouts("batch", "tiny")
    text = (practice / "output" / "tiny.manifest.jsonl").read_text("utf-8")
    head, *entries = map(json.loads, text.splitlines())
    assert head["complete"]
    assert set(head["files"]) == {"exercises/squat.yaml", "programmes/tiny.yaml"}
    assert [entry["client"] for entry in entries] == ["sam", "ann", "li"]
    for entry in entries:
        data = (practice / "output" / entry["file"]).read_bytes()
        assert (entry["sha256"], entry["size"]) == (sha256(data).hexdigest(), len(data))
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:]{8}\+00:00", entry["made"])


# ── What is wrong ─────────────────────────────────────────────────────────────────────────────────


def test_all_that_is_wrong_with_any_programme_is_told_and_nothing_is_written(
    practice: Path, handouts: Run
) -> None:
    (practice / "programmes" / "other.yaml").write_text(PLAN.replace("2 × 9", "2 ×"), "utf-8")
    (practice / "programmes" / "tiny.yaml").write_text(PLAN.replace("squat", "squta"), "utf-8")
    rows = "x,X,none,other\ny,Y,no such thing,tiny\nz,,none,tiny\n"
    (practice / "clients.csv").write_text(CLIENTS + rows, encoding="utf-8")
    before = sorted(practice.rglob("*"))
    ran = handouts("batch", "--all")
    assert (ran.returncode, ran.stdout) == (3, "")
    for said in (
        "clients.csv:6:5: error[",
        "clients.csv:7:3: error[",
        'mean "squat"?',
        "other.yaml:7:27",
    ):
        assert said in ran.stderr
    assert sorted(practice.rglob("*")) == before


def test_keep_going_leaves_out_bad_rows_and_nobody_else(practice: Path, handouts: Run) -> None:
    rows = CLIENTS + "x,X Y,no such thing,tiny\n"
    (practice / "clients.csv").write_text(rows, encoding="utf-8")
    for words in (["tiny"], ["--all"]):
        assert handouts("batch", *words).returncode == 3
        ran = handouts("batch", *words, "--keep-going")
        assert ran.returncode == 4
        assert set(results(ran)) == {"sam", "ann", "li"}
        assert "clients.csv:5:7: error[unknown-condition]" in ran.stderr
    assert len(read_made(practice / "output")) == 3


def test_one_who_must_avoid_it_stops_nobody_else(practice: Path, handouts: Run) -> None:
    (practice / "clients.csv").write_text(CLIENTS + BAD_BACK, encoding="utf-8")
    ran = handouts("batch", "tiny", "--report", "made.json")
    assert ran.returncode == 4
    assert results(ran) == {"bo": "failed", "sam": "made", "ann": "made", "li": "made"}
    rows = {row["client"]: row for row in json.loads((practice / "made.json").read_text("utf-8"))}
    assert rows["bo"]["reason"].startswith("must-avoid: bo must avoid squat")
    assert len(read_made(practice / "output")) == 3
    (practice / "clients.csv").write_text(CLIENTS.splitlines()[0] + "\n" + BAD_BACK, "utf-8")
    assert handouts("batch", "tiny").returncode == 3


def test_names_that_clash_over_two_programmes(practice: Path, handouts: Run) -> None:
    (practice / "programmes" / "tiny-sam.yaml").write_text(PLAN, encoding="utf-8")
    rows = "id,name,conditions,programme\nSam-b,Sam Bee,none,tiny\nb,Bo Bee,none,tiny-sam\n"
    (practice / "clients.csv").write_text(rows, encoding="utf-8")
    ran = handouts("batch", "--all")
    assert (ran.returncode, ran.stdout) == (3, "")
    assert "error[name-clash] the files of Sam-b (tiny) and b (tiny-sam) would have" in ran.stderr
    assert not (practice / "output").exists()


def test_a_name_that_an_earlier_run_gave_to_someone_else(practice: Path, handouts: Run) -> None:
    (practice / "programmes" / "tiny-sam.yaml").write_text(PLAN, encoding="utf-8")
    clients = practice / "clients.csv"
    clients.write_text("id,name,conditions\nsam-b,Sam Bee,none\n", encoding="utf-8")
    assert handouts("batch", "tiny").returncode == 0
    before = read_made(practice / "output")
    clients.write_text("id,name,conditions\nb,Bo Bee,none\n", encoding="utf-8")
    ran = handouts("batch", "tiny-sam")
    assert (ran.returncode, ran.stdout) == (3, "")
    assert "error[name-clash] the files of sam-b (tiny) and b (tiny-sam) would have" in ran.stderr
    assert read_made(practice / "output") == before
    assert handouts("batch", "tiny-sam", "--output", "elsewhere").returncode == 0
    assert handouts("batch", "tiny-sam", "--layout", "folded").returncode == 0


def test_one_without_a_programme_is_told_and_left_out(practice: Path, handouts: Run) -> None:
    (practice / "clients.csv").write_text(CLIENTS + "max,Max,none,\n", encoding="utf-8")
    ran = handouts("batch", "--all")
    assert ran.returncode == 4
    assert "error[no-programme] max has no programme in the list" in ran.stderr
    assert set(results(ran)) == {"sam", "ann", "li"}
    (practice / "clients.csv").write_text("id,name,conditions,programme\nmax,Max,none,\n", "utf-8")
    assert handouts("batch", "--all").returncode == 3


def test_resume_needs_a_run_that_was_interrupted(practice: Path, handouts: Run) -> None:
    ran = handouts("batch", "tiny", "--resume")
    assert (ran.returncode, ran.stdout) == (3, "")
    assert ran.stderr.startswith("error[nothing-to-resume]")
    assert not (practice / "output").exists()
    handouts("batch", "tiny")
    assert "error[nothing-to-resume]" in handouts("batch", "--all", "--resume").stderr


def test_resume_wants_the_inputs_as_they_were(practice: Path, handouts: Run) -> None:
    handouts("batch", "tiny")
    output = practice / "output"
    interrupted = (output / "tiny.manifest.jsonl").read_bytes().rpartition(b'{"client"')[0]
    (output / ".tiny.journal.jsonl").write_bytes(interrupted)
    (output / "tiny.manifest.jsonl").unlink()
    for file, old, new, said in (
        ("programmes/tiny.yaml", "2 × 9", "2 × 8", "the programme, an exercise"),
        ("clients.csv", "Sam Green", "Sam Grey", "the list has"),
    ):
        before = (practice / file).read_text("utf-8")
        change(practice / file, old, new)
        ran = handouts("batch", "tiny", "--resume")
        assert (ran.returncode, ran.stdout) == (3, "")
        assert ran.stderr.startswith(f"error[inputs-changed] {said}")
        (practice / file).write_text(before, encoding="utf-8")
    ran = handouts("batch", "tiny", "--resume")
    assert results(ran) == {"sam": "unchanged", "ann": "unchanged", "li": "made"}
    assert not (output / ".tiny.journal.jsonl").exists()


def test_a_plan_of_two_programmes_without_a_clash(order: BatchOrder) -> None:
    plan = plan_batch(order, Report())
    assert [*find_clashes([plan])] == []
    assert [len(copies) for copies in plan.group().values()] == [2, 1]


def test_a_list_that_is_not_there(practice: Path, order: BatchOrder) -> None:
    (practice / "clients.csv").unlink()
    with pytest.raises(HandoutError, match="no-clients"):
        plan_batch(order, Report())


def test_the_exercise_is_what_the_tests_think(practice: Path, handouts: Run) -> None:
    assert practice
    assert handouts("check", "squat").returncode == 0, SQUAT
