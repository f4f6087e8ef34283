"""The cache gives back what it was given, or nothing; it never stops the work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handouts.cache import cache_folder, read_cached, write_cached

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


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


def test_a_write_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HANDOUTS_CACHE_DIR", str(tmp_path))
    (tmp_path / "a").mkdir()  # a folder stands where the file would go
    assert not write_cached("a", b"one")
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_the_system_has_a_place_for_caches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HANDOUTS_CACHE_DIR", raising=False)
    assert cache_folder().name in {"handouts", "Cache"}
