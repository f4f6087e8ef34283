"""Files and runs become print jobs in their order; nothing is printed while anything is wrong."""

from __future__ import annotations

import hashlib
import io
import os
from dataclasses import replace
from typing import TYPE_CHECKING

import pikepdf
import pytest

from handouts.batch.manifest import Entry, read_manifest, write_manifest

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., subprocess.CompletedProcess[str]]

LP = """\
#!/bin/sh
for word; do printf '%s\\n' "$word"; done >>lp-words
echo >>lp-words
number=$(grep -c '^$' lp-words)
[ "$number" != "$(cat refuse-at 2>/dev/null)" ] || { echo 'lp: Error - out of order' >&2; exit 1; }
echo "request id is $2-$number (1 file(s))"
"""
LPSTAT = """\
#!/bin/sh
case "$1" in
-e) cat printers ;;
-d) echo "system default destination: $(head -n 1 printers)" ;;
-r) echo "scheduler is running" ;;
esac
"""
RUN = "balance.manifest.jsonl"

pytestmark = pytest.mark.skipif(os.name == "nt", reason="scripts for a POSIX shell")


def make_pdf(pages: int = 2) -> bytes:
    with pikepdf.new() as pdf:
        for _ in range(pages):
            pdf.add_blank_page(page_size=(595.28, 841.89))
        target = io.BytesIO()
        pdf.save(target, deterministic_id=True)
    return target.getvalue()


@pytest.fixture
def desk(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in a folder with a printing system that notes what it is told."""
    (nowhere / "bin").mkdir()
    for name, script in (("lp", LP), ("lpstat", LPSTAT)):
        (nowhere / "bin" / name).write_text(script, encoding="utf-8")
        (nowhere / "bin" / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{nowhere / 'bin'}:{os.environ['PATH']}")
    (nowhere / "printers").write_text("Office\nHome\n", encoding="utf-8")
    (nowhere / "plan.pdf").write_bytes(make_pdf())
    return nowhere


@pytest.fixture
def run_folder(desk: Path) -> Path:
    """Return a folder with what a batch has made for three clients."""
    folder = desk / "output"
    folder.mkdir()
    write_run(folder, {f"balance-{name}.pdf": make_pdf(n) for n, name in NAMES})
    return folder


NAMES = ((2, "zoe"), (3, "bo"), (4, "sam"))  # in the list's order, which is not the alphabet's


def write_run(folder: Path, files: dict[str, bytes], name: str = RUN) -> None:
    entries = []
    for file, data in files.items():
        (folder / file).write_bytes(data)
        digest = hashlib.sha256(data).hexdigest()
        entries.append(Entry(file, file, digest, len(data), 0, "", ""))
    write_manifest(folder / name, {"complete": True}, entries)


def read_words(desk: Path) -> list[list[str]]:
    """Return the words of each call of lp."""
    file = desk / "lp-words"
    calls = file.read_text(encoding="utf-8").split("\n\n") if file.exists() else []
    return [call.split("\n") for call in calls if call]


def test_a_file_is_printed_and_its_job_told(desk: Path, handouts: Run) -> None:
    ran = handouts("print", "plan.pdf")
    assert (ran.returncode, ran.stdout) == (0, "plan.pdf\tOffice-1\n")
    assert ran.stderr == "1 file on 1 sheet of A4 to Office.\n"
    options = ["-n", "1", "-o", "sides=two-sided-long-edge", "-o", "media=A4"]
    assert read_words(desk) == [["-d", "Office", *options, "--", str(desk / "plan.pdf")]]


def test_flags_reach_the_printer(desk: Path, handouts: Run) -> None:
    ran = handouts("print", "plan.pdf", "--printer", "home", "--copies", "2", "--simplex")
    assert ran.stdout == "plan.pdf\tHome-1\n"
    assert ran.stderr == "1 file, 2 copies of each, on 4 sheets of A4 to Home.\n"
    (words,) = read_words(desk)
    assert words[:6] == ["-d", "Home", "-n", "2", "-o", "sides=one-sided"]
    assert "collate=true" in words


def test_a_dry_run_says_what_would_be_printed(desk: Path, handouts: Run) -> None:
    (desk / "long.pdf").write_bytes(make_pdf(5))
    ran = handouts("print", "plan.pdf", "long.pdf", "plan.pdf", "--copies", "2", "--dry-run")
    assert ran.returncode == 0
    assert ran.stdout.splitlines() == [
        "plan.pdf\t2\t1\tA4\tboth sides, flipped on the long edge",
        "long.pdf\t5\t3\tA4\tboth sides, flipped on the long edge",
    ]
    assert ran.stderr == (
        "2 files, 2 copies of each, on 8 sheets of A4 to Office. "
        "Nothing was printed: this was a dry run.\n"
    )
    assert read_words(desk) == []


def test_names_are_words_and_never_commands(desk: Path, handouts: Run) -> None:
    names = ["-d Home.pdf", "$(touch x).pdf", "a;touch x.pdf", "two\nlines.pdf", "-", "--list"]
    for name in names:
        (desk / name).write_bytes(make_pdf())
    before = sorted(file.name for file in desk.iterdir())
    ran = handouts("print", "--", *names)
    assert ran.returncode == 0
    text = (desk / "lp-words").read_text(encoding="utf-8")
    for name in names:
        assert f"\n--\n{desk / name}\n" in text
    after = sorted(file.name for file in desk.iterdir())
    assert after == sorted([*before, "lp-words"])


def test_a_run_is_printed_in_the_order_of_its_list(
    desk: Path, run_folder: Path, handouts: Run
) -> None:
    for number, name in enumerate(["output", f"output/{RUN}"]):
        ran = handouts("print", name)
        assert ran.stdout.splitlines() == [
            f"output/balance-{who}.pdf\tOffice-{number * 3 + at}"
            for at, (_, who) in enumerate(NAMES, 1)
        ]
        assert ran.stderr == "3 files on 5 sheets of A4 to Office.\n"  # 1 + 2 + 2
    printed = [words[-1] for words in read_words(desk)]
    assert printed == [str(run_folder / f"balance-{who}.pdf") for _, who in NAMES] * 2


def test_nothing_of_a_run_is_printed_when_a_file_is_gone_or_another(
    desk: Path, run_folder: Path, handouts: Run
) -> None:
    (run_folder / "balance-zoe.pdf").unlink()
    (run_folder / "balance-sam.pdf").write_bytes(make_pdf(1))
    whole = (run_folder / "balance-bo.pdf").read_bytes()
    (run_folder / "balance-bo.pdf").write_bytes(whole[:-1] + b" ")  # as long as it was
    ran = handouts("print", "output", "--printer", "Nowhere")
    assert (ran.returncode, ran.stdout) == (3, "")
    codes = [line.split(" ")[1] for line in ran.stderr.splitlines() if "error[" in line]
    assert codes == ["error[file-changed]"] * 3 + ["error[unknown-printer]"]
    assert "output/balance-zoe.pdf: error[file-changed] the run has made this file" in ran.stderr
    assert "output/balance-bo.pdf: error[file-changed] this is not the file" in ran.stderr
    assert read_words(desk) == []


@pytest.mark.parametrize(
    "name", ["../plan.pdf", "/etc/passwd", "a\0.pdf", "..\\plan.pdf", "C:plan.pdf", ".pdf/"]
)
def test_a_manifest_leads_nowhere_else(desk: Path, name: str, handouts: Run) -> None:
    entry = Entry("bo", name, "", 1, 0, "", "")
    write_manifest(desk / RUN, {"complete": True}, [entry])
    ran = handouts("print", RUN, "--dry-run")
    assert (ran.returncode, ran.stdout) == (3, "")
    assert f"{RUN}: error[not-a-run] the manifest names a file that is not in its" in ran.stderr


def test_who_has_left_the_list_costs_no_paper(desk: Path, run_folder: Path, handouts: Run) -> None:
    assert desk
    manifest = read_manifest(run_folder / RUN)
    assert manifest
    entries = [replace(entry, listed="bo" not in entry.file) for entry in manifest.entries.values()]
    write_manifest(run_folder / RUN, manifest.head, entries)
    ran = handouts("print", "output", "--dry-run")
    files = [line.split("\t")[0] for line in ran.stdout.splitlines()]
    assert (ran.returncode, files) == (0, ["output/balance-zoe.pdf", "output/balance-sam.pdf"])
    said = f"output/{RUN}: warning[left-out] left out: 1 file of earlier runs"
    assert ran.stderr.startswith(said)


def test_what_is_no_run_is_told(desk: Path, handouts: Run) -> None:
    (desk / "output").mkdir()
    assert "output: error[not-a-run] no run's manifest" in handouts("print", "output").stderr
    (desk / "output" / ".balance.journal.jsonl").write_text("", encoding="utf-8")
    ran = handouts("print", "output")
    assert "error[not-a-run] the run that makes these files has not come to its end" in ran.stderr
    (desk / "output" / ".balance.journal.jsonl").unlink()
    (desk / "output" / RUN).write_text("nothing", encoding="utf-8")
    assert "this is no manifest of a run" in handouts("print", "output").stderr
    write_run(desk / "output", {})
    assert "the run has made nothing" in handouts("print", "output").stderr
    write_run(desk / "output", {}, "hips.manifest.jsonl")
    ran = handouts("print", "output")
    assert ran.returncode == 3
    assert "output: error[ambiguous-run] the folder holds the files of 2 runs" in ran.stderr
    assert f"name one, or several: output/{RUN} output/hips.manifest.jsonl" in ran.stderr


def test_every_problem_is_told_before_anything_is_printed(desk: Path, handouts: Run) -> None:
    (desk / "letter.pdf").write_bytes(b"PK\x03\x04")
    (desk / "empty.pdf").write_bytes(b"")
    (desk / "printers").write_text("", encoding="utf-8")
    ran = handouts("print", "plan.pdf", "letter.pdf", "empty.pdf", "gone.pdf", "x" * 300, "bin")
    assert (ran.returncode, ran.stdout) == (3, "")
    codes = [line.partition("[")[2].partition("]")[0] for line in ran.stderr.splitlines()]
    wanted = ["not-a-run", "not-a-pdf", "empty-file", "unreadable", "unreadable", "no-printer"]
    assert [code for code in codes if code] == wanted
    assert read_words(desk) == []


def test_a_dry_run_tells_problems_as_well(desk: Path, handouts: Run) -> None:
    (desk / "printers").write_text("", encoding="utf-8")
    ran = handouts("print", "plan.pdf", "--dry-run")
    assert ran.returncode == 6
    assert ran.stdout.startswith("plan.pdf\t2\t1\tA4\t")
    assert "error[no-printer] no printer is set up on this computer" in ran.stderr
    assert "Nothing can be printed before the errors are mended." in ran.stderr


def test_a_printer_that_stops_in_the_middle_is_told_with_what_is_left(
    desk: Path, run_folder: Path, handouts: Run
) -> None:
    assert run_folder
    (desk / "refuse-at").write_text("2", encoding="utf-8")
    ran = handouts("print", "output")
    assert (ran.returncode, ran.stdout) == (6, "output/balance-zoe.pdf\tOffice-1\n")
    assert ran.stderr.splitlines() == [
        "output/balance-bo.pdf: error[print-failed] lp says: out of order",
        "  hint: handouts print --list shows the printers",
        "not printed: output/balance-sam.pdf",
    ]
    assert len(read_words(desk)) == 2


def test_the_printers_are_listed(desk: Path, handouts: Run) -> None:
    ran = handouts("print", "--list")
    assert (ran.returncode, ran.stdout) == (0, "Office\tdefault\tready\nHome\t\tready\n")
    (desk / "printers").write_text("", encoding="utf-8")
    ran = handouts("print", "--list")
    assert (ran.returncode, ran.stdout) == (0, "")
    assert ran.stderr == "No printer is set up on this computer.\n"


def test_no_printing_system_is_told(
    desk: Path, handouts: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(desk))
    for words in (["--list"], ["plan.pdf"], ["plan.pdf", "--dry-run"]):
        ran = handouts("print", *words)
        assert ran.returncode == 6
        assert "error[no-printing-system] there is no printing system" in ran.stderr


def test_nothing_to_print_is_a_mistyped_command(desk: Path, handouts: Run) -> None:
    assert desk
    for words in ([], ["plan.pdf", "--copies", "0"]):
        assert handouts("print", *words).returncode == 2


def test_windows_prints_by_its_own_verb(
    desk: Path, handouts: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, str]] = []
    monkeypatch.setattr(os, "startfile", lambda *words: asked.append(words), raising=False)
    ran = handouts("print", "plan.pdf")
    assert (ran.returncode, ran.stdout) == (0, "plan.pdf\thanded over\n")
    assert ran.stderr == "1 file on 1 sheet of A4 to the default printer.\n"
    assert asked == [(str(desk / "plan.pdf"), "print")]
    for flags in (["--printer", "Home"], ["--copies", "2"], ["--duplex"], ["--list"]):
        ran = handouts("print", "plan.pdf", *flags)
        assert ran.returncode == 2
        assert "on Windows, " in ran.stderr
    assert len(asked) == 1
