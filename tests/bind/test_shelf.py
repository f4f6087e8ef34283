"""What was made before is found again, and only if it is still what it says."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as some

from handouts.bind.shelf import Shelved, find_shelved, fingerprint, fingerprint_files, shelve
from handouts.problem import Place, Problem, Severity

if TYPE_CHECKING:
    from pathlib import Path

KEY = "c" * 64
WARNING = Problem("css-ignored", "Ignored", Place("a.yaml", 3, 4), "mend it", Severity.WARNING)
HANDOUT = Shelved(b"%PDF-made", 2, (WARNING,))


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep each test's cache to itself."""
    monkeypatch.setenv("HANDOUTS_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache" / "handouts"


def test_what_was_shelved_is_found_with_its_warnings() -> None:
    assert find_shelved(KEY) is None
    shelve(KEY, HANDOUT, [])
    assert find_shelved(KEY) == HANDOUT
    assert find_shelved("other") is None


@pytest.mark.parametrize(
    "label",
    [
        "",
        "{",
        "[]",
        "null",
        "{}",
        '{"pages": "x"}',
        '{"sha256": 1, "pictures": [], "pages": 2, "problems": []}',
        "\ufeff\x00",
    ],
)
def test_a_damaged_label_is_no_handout(folder: Path, label: str) -> None:
    shelve(KEY, HANDOUT, [])
    (folder / f"{KEY}.json").write_text(label, encoding="utf-8")
    assert find_shelved(KEY) is None


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("pages", "two"),
        ("problems", [{}]),
        ("problems", [{**WARNING.as_dict(), "severity": "fatal"}]),
        ("problems", [{**WARNING.as_dict(), "place": {"nowhere": 1}}]),
        ("pictures", ["a"]),
        ("pictures", {"a\0b": "x"}),
        ("sha256", "0" * 64),
    ],
)
def test_a_label_of_another_shape_is_no_handout(folder: Path, key: str, value: object) -> None:
    shelve(KEY, HANDOUT, [])
    file = folder / f"{KEY}.json"
    file.write_text(json.dumps({**json.loads(file.read_text("utf-8")), key: value}), "utf-8")
    assert find_shelved(KEY) is None


def test_a_damaged_or_missing_page_is_no_handout(folder: Path) -> None:
    shelve(KEY, HANDOUT, [])
    (folder / f"{KEY}.pdf").write_bytes(b"%PDF-mad")
    assert find_shelved(KEY) is None
    (folder / f"{KEY}.pdf").unlink()
    assert find_shelved(KEY) is None
    shelve(KEY, HANDOUT, [])
    assert find_shelved(KEY) == HANDOUT


def test_a_changed_picture_is_missed(tmp_path: Path) -> None:
    picture = tmp_path / "logo.png"
    shelve(KEY, HANDOUT, [picture])  # it was missing then
    assert find_shelved(KEY) == HANDOUT
    picture.write_bytes(b"one")
    assert find_shelved(KEY) is None
    shelve(KEY, HANDOUT, [picture])
    assert find_shelved(KEY) == HANDOUT
    picture.write_bytes(b"two")
    assert find_shelved(KEY) is None


def test_a_shelf_that_cannot_be_written_is_no_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    monkeypatch.setenv("HANDOUTS_CACHE_DIR", str(tmp_path / "file"))
    shelve(KEY, HANDOUT, [])
    assert find_shelved(KEY) is None


def test_handouts_long_unused_go_when_the_cache_is_full(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HANDOUTS_CACHE_SIZE", "0.0025")
    keys = [f"{number:064x}" for number in range(5)]
    for number, key in enumerate(keys):
        shelve(key, Shelved(b"x" * 700, 1, ()), [])
        for file in folder.glob(f"{key}.*"):
            os.utime(file, (number, number))
    assert sum(file.stat().st_size for file in folder.iterdir()) <= 2500
    assert find_shelved(keys[4])
    assert find_shelved(keys[0]) is None


@given(
    some.lists(some.binary(max_size=4), max_size=4), some.lists(some.binary(max_size=4), max_size=4)
)
def test_only_equal_parts_have_an_equal_fingerprint(one: list[bytes], two: list[bytes]) -> None:
    assert (fingerprint(one) == fingerprint(two)) == (one == two)


def test_parts_do_not_run_into_each_other() -> None:
    assert fingerprint(["ab", "c"]) != fingerprint(["a", "bc"])
    assert fingerprint(["a", ""]) != fingerprint(["a"])
    assert fingerprint(["\ud800"]) != fingerprint(["?"])


def test_files_count_by_name_and_bytes(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    missing = fingerprint_files([one])
    one.write_bytes(b"x")
    two.write_bytes(b"x")
    assert len({missing, fingerprint_files([one]), fingerprint_files([two])}) == 3
    before = fingerprint_files([one])
    one.write_bytes(b"y")
    assert fingerprint_files([one]) != before


def test_a_file_that_is_too_large_for_any_use_counts_without_being_read(tmp_path: Path) -> None:
    huge, seen = tmp_path / "clients.csv", set()
    for size, time in ((30_000_000_000, 1), (30_000_000_001, 1), (30_000_000_001, 2)):
        with huge.open("ab") as file:
            file.truncate(size)  # takes no room
        os.utime(huge, (time, time))
        seen.add(fingerprint_files([huge]))
    assert len(seen) == 3
