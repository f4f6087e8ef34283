"""The cache gives back what it was given, or nothing; it stops no work, and keeps to its own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as some

from handouts.cache import (
    ROOMS,
    cache_cap,
    cache_folder,
    clear_cache,
    count_cache,
    read_cached,
    read_cap,
    trim_cache,
    write_cached,
)

if TYPE_CHECKING:
    from pathlib import Path

KEYS = [f"{number:064x}" for number in range(20)]
PLATES = [f"plates/{key}.plate" for key in KEYS]
# What a user may have put beside the cache's own files, by names that are nearly the cache's.
FOREIGN = (
    *("notes.txt", "plates/notes.txt", "handouts/squat.pdf", f"plates/{KEYS[0]}.pdf", KEYS[0]),
    *(f"plates/{KEYS[0]}.plate.bak", f"other/{KEYS[0]}.plate", f"plates/{KEYS[0][1:]}.plate"),
    *(f"plates/deep/{KEYS[0]}.plate", f"handouts/{KEYS[0].upper()}A.pdf"),
)
# Writes, reads, clears and trims for a while; says whether it ever read what nobody wrote.
WORK = """\
import random, sys, time
from handouts.cache import clear_cache, read_cached, trim_cache, write_cached
random.seed(sys.argv[1])
end, found = time.monotonic() + 1.2, 0
while time.monotonic() < end:
    number = random.randrange(8)
    name = f"plates/{number:064x}.plate"
    write_cached(name, bytes([number]) * random.randrange(1, 200_000))
    data = read_cached(name)
    assert data is None or set(data) == {number}, name
    found += data is not None
    if random.random() < 0.02:
        assert not clear_cache().stuck
    if random.random() < 0.05:
        trim_cache()
print(found)
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of a cache that is empty."""
    monkeypatch.setenv("HANDOUTS_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


def list_names(folder: Path) -> set[str]:
    """Return the path of each file below a folder."""
    return {str(file.relative_to(folder)) for file in folder.rglob("*") if not file.is_dir()}


def test_what_is_kept_is_found_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HANDOUTS_CACHE_DIR", str(tmp_path / "not" / "yet"))
    assert not cache_folder().exists()
    assert read_cached("a/b") is None
    assert write_cached("a/b", b"one")
    assert write_cached("a/b", b"two")
    assert read_cached("a/b") == b"two"
    assert [path.name for path in (cache_folder() / "a").iterdir()] == ["b"]


def test_an_unwritable_place_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("HANDOUTS_CACHE_DIR", str(tmp_path / "file" / "below"))
    assert not write_cached("a", b"one")
    assert read_cached("a") is None
    assert [held.files for held in count_cache()] == [0] * len(ROOMS)
    assert clear_cache().files == 0
    trim_cache()


def test_a_write_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HANDOUTS_CACHE_DIR", str(tmp_path))
    (tmp_path / "a").mkdir()  # a folder stands where the file would go
    assert not write_cached("a", b"one")
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


@pytest.mark.skipif(sys.platform == "win32", reason="limits of POSIX")
def test_a_full_disk_leaves_what_was_there(folder: Path) -> None:
    import resource

    assert write_cached(PLATES[0], b"one")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        assert not write_cached(PLATES[0], b"x" * 5000)
        assert not write_cached(PLATES[1], b"x" * 5000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert list_names(folder) == {PLATES[0]}
    assert read_cached(PLATES[0]) == b"one"


def test_the_system_has_a_place_for_caches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HANDOUTS_CACHE_DIR", raising=False)
    assert cache_folder().name in {"handouts", "Cache"}


def test_what_was_used_last_stays_when_the_cache_is_full(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number, name in enumerate(PLATES):
        write_cached(name, b"x" * 1000)
        os.utime(folder / name, (number, number))
    assert read_cached(PLATES[0])  # the oldest, but used just now
    monkeypatch.setenv("HANDOUTS_CACHE_SIZE", "0.01")
    trim_cache()
    # 9,000 bytes are left of the cap's 10,000, so that the next write need not trim again.
    assert list_names(folder) == {PLATES[0], *PLATES[-8:]}
    trim_cache()
    assert len(list_names(folder)) == 9


def test_writing_alone_keeps_to_the_cap(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However the dice fall: it is looked through at each twentieth of the cap, on average."""
    monkeypatch.setenv("HANDOUTS_CACHE_SIZE", "0.1")
    for number in range(400):
        write_cached(f"plates/{number:064x}.plate", b"x" * 1000)
    held = sum(room.size for room in count_cache())
    # 50,000 bytes over would take 50 writes, each of which looks with a chance of a fifth.
    assert 50_000 <= held <= 150_000
    assert len(list_names(folder)) == held / 1000


def test_a_trim_is_rare_while_there_is_room(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trims: list[object] = []
    monkeypatch.setattr("handouts.cache.trim_cache", lambda: trims.append(folder))
    for _ in range(100):
        write_cached(PLATES[0], b"x" * 50_000)
    assert len(trims) <= 10  # 0.2 expected: 5 MB of the 25 after which one is due


def test_a_cap_of_nothing_keeps_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_cached(PLATES[0], b"x")
    monkeypatch.setenv("HANDOUTS_CACHE_SIZE", "0")
    assert not write_cached(PLATES[1], b"x")
    assert write_cached("headings/0123456789abcdef.json", b"{}")  # small, and never trimmed
    trim_cache()
    assert list_names(folder) == {"headings/0123456789abcdef.json"}


def test_what_a_killed_process_left_half_written_goes(folder: Path) -> None:
    write_cached(PLATES[0], b"x")
    fresh, stale = (folder / "plates" / f".{KEYS[1]}.plate.abcdef0{end}" for end in "12")
    for file in (fresh, stale):
        file.write_bytes(b"half")
    hours_ago = time.time() - 7200
    os.utime(stale, (hours_ago, hours_ago))
    trim_cache()
    assert list_names(folder) == {PLATES[0], f"plates/{fresh.name}"}
    assert clear_cache().files == 2
    assert list_names(folder) == set()


def test_clearing_leaves_what_is_not_the_caches(folder: Path, tmp_path: Path) -> None:
    for name in FOREIGN:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("mine", encoding="utf-8")
    (tmp_path / "mine").write_bytes(b"mine")
    (folder / PLATES[2]).symlink_to(tmp_path / "mine")
    (folder / PLATES[3]).mkdir()
    write_cached(PLATES[0], b"1234")
    write_cached(f"handouts/{KEYS[0]}.json", b"123")
    assert [(held.files, held.size) for held in count_cache()] == [(1, 4), (1, 3), (0, 0), (0, 0)]
    cleared = clear_cache()
    assert (cleared.files, cleared.size, cleared.stuck) == (2, 7, [])
    assert list_names(folder) == {*FOREIGN, PLATES[2]}
    assert (folder / PLATES[3]).is_dir()
    assert (tmp_path / "mine").read_bytes() == b"mine"


def test_a_linked_room_is_left_alone(folder: Path, tmp_path: Path) -> None:
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    (theirs / f"{KEYS[0]}.plate").write_bytes(b"mine")
    folder.mkdir()
    (folder / "plates").symlink_to(theirs)
    assert not write_cached(PLATES[1], b"x")
    assert clear_cache().files == 0
    assert list_names(theirs) == {f"{KEYS[0]}.plate"}


@pytest.mark.skipif(sys.platform == "win32", reason="pipes and links of POSIX")
def test_links_and_pipes_are_not_read(folder: Path, tmp_path: Path) -> None:
    (folder / "plates").mkdir(parents=True)
    (tmp_path / "mine").write_bytes(b"mine")
    (folder / PLATES[0]).symlink_to(tmp_path / "mine")
    os.mkfifo(folder / PLATES[1])
    assert read_cached(PLATES[0]) is None
    assert not read_cached(PLATES[1])


@pytest.mark.parametrize(
    ("text", "size"),
    [("500", 500_000_000), ("0", 0), (" 0.5 ", 500_000), ("1e3", 1_000_000_000)]
    + [(text, None) for text in ("", "lots", "-1", "nan", "inf", "1e303", "500 MB")],
)
def test_a_size_is_a_number_of_megabytes(text: str, size: int | None) -> None:
    assert read_cap(text) == size


@given(some.text())
def test_no_text_for_a_size_is_too_strange(text: str) -> None:
    size = read_cap(text)
    assert size is None or size >= 0


def test_what_is_no_size_leaves_the_usual_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HANDOUTS_CACHE_SIZE", raising=False)
    usual = cache_cap()
    monkeypatch.setenv("HANDOUTS_CACHE_SIZE", "lots")
    assert cache_cap() == usual == 500_000_000


def test_processes_that_write_clear_and_trim_at_once_read_only_what_is_whole(folder: Path) -> None:
    environment = {**os.environ, "HANDOUTS_CACHE_SIZE": "0.4"}
    crew = [
        subprocess.Popen(
            [sys.executable, "-c", WORK, str(seed)],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for seed in range(4)
    ]
    said = [process.communicate() for process in crew]
    assert [errors for _, errors in said] == [""] * 4
    assert all(int(found) > 5 for found, _ in said)
    assert not [name for name in list_names(folder) if name.startswith("plates/.")]
