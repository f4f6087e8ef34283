"""A manifest comes back as it was written, and as much of it as is whole after a crash."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from handouts.batch.manifest import Entry, Journal, read_manifest, write_manifest
from handouts.problem import HandoutError

if TYPE_CHECKING:
    from pathlib import Path

HEAD = {"programme": "tiny", "complete": True}
ENTRIES = [
    Entry(name, f"tiny-{name}.pdf", "ab" * 32, 9, 123456789, "cd", "2026-11-20T00:00:00+00:00")
    for name in ("sam", "ann", "李")
]


def test_what_was_written_comes_back(tmp_path: Path) -> None:
    file = tmp_path / "tiny.manifest.jsonl"
    write_manifest(file, HEAD, ENTRIES)
    manifest = read_manifest(file)
    assert manifest
    assert manifest.complete
    assert list(manifest.entries.values()) == ENTRIES
    assert manifest.head["programme"] == "tiny"


def test_an_older_one_holds_what_its_list_held(tmp_path: Path) -> None:
    file = tmp_path / "tiny.manifest.jsonl"
    write_manifest(file, HEAD, ENTRIES)
    text = file.read_text("utf-8")
    assert text.count(', "listed": true') == len(ENTRIES)
    file.write_text(text.replace(', "listed": true', ""), encoding="utf-8")
    manifest = read_manifest(file)
    assert manifest
    assert list(manifest.entries.values()) == ENTRIES


def test_wherever_it_is_cut_off_what_is_whole_comes_back(tmp_path: Path) -> None:
    file = tmp_path / "tiny.manifest.jsonl"
    write_manifest(file, HEAD, ENTRIES)
    whole = file.read_bytes()
    ends = [at for at, byte in enumerate(whole) if byte == ord("\n")]
    for cut in range(0, len(whole), 7):
        file.write_bytes(whole[:cut])
        manifest = read_manifest(file)
        if cut < ends[0]:
            assert manifest is None
        else:
            assert manifest
            complete = sum(end <= cut for end in ends) - 1
            assert list(manifest.entries.values()) == ENTRIES[:complete]


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "null", '{"format": 2}', "\0", '{"format": "1"}', "\ud800"]
)
def test_what_makes_no_sense_is_no_manifest(tmp_path: Path, text: str) -> None:
    file = tmp_path / "tiny.manifest.jsonl"
    file.write_bytes(text.encode("utf-8", "surrogatepass"))
    assert read_manifest(file) is None
    assert read_manifest(tmp_path / "none.jsonl") is None
    assert read_manifest(tmp_path) is None


@pytest.mark.parametrize("line", ["", "[]", "7", "{}", '{"client": "x", "spare": 1}', '"x"'])
def test_a_line_that_makes_no_sense_is_left_out(tmp_path: Path, line: str) -> None:
    file = tmp_path / "tiny.manifest.jsonl"
    write_manifest(file, HEAD, ENTRIES)
    file.write_text(file.read_text("utf-8") + line + "\n", encoding="utf-8")
    manifest = read_manifest(file)
    assert manifest
    assert list(manifest.entries.values()) == ENTRIES


def test_a_journal_can_be_read_at_any_moment(tmp_path: Path) -> None:
    file = tmp_path / ".tiny.journal.jsonl"
    journal = Journal(file, HEAD, ENTRIES[:1])
    for count in (1, 2):
        manifest = read_manifest(file)
        assert manifest
        assert not manifest.complete
        assert list(manifest.entries.values()) == ENTRIES[:count]
        journal.add(ENTRIES[count : count + 1])
    journal.close()
    found = read_manifest(file)
    assert found
    assert list(found.entries.values()) == ENTRIES


def test_the_last_word_on_a_client_holds(tmp_path: Path) -> None:
    from dataclasses import replace

    file = tmp_path / ".tiny.journal.jsonl"
    journal = Journal(file, HEAD, ENTRIES)
    later = replace(ENTRIES[0], sha256="ef" * 32)
    journal.add([later])
    journal.close()
    manifest = read_manifest(file)
    assert manifest
    assert manifest.entries["sam"] == later


def test_a_journal_on_a_full_disk_is_a_problem_and_closes(tmp_path: Path) -> None:
    journal = Journal(tmp_path / ".tiny.journal.jsonl", HEAD, [])
    journal._stream.close()  # noqa: SLF001  what a full disk does is put in its place
    journal._stream = open("/dev/full", "wb", buffering=0)  # noqa: SLF001, SIM115, PTH123
    with pytest.raises(HandoutError, match="disk-full"):
        journal.add(ENTRIES)
    journal.close()
