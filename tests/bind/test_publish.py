"""A file is whole or as it was before, whatever happens while it is written."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

import pytest

from handouts.bind.publish import Draft, publish, publish_stream, write_draft
from handouts.problem import HandoutError

BIG = 400_000


def test_a_new_file_is_written_with_its_folders(tmp_path: Path) -> None:
    target = tmp_path / "a" / "b" / "squat.pdf"
    assert publish(target, b"new")
    assert target.read_bytes() == b"new"
    assert [file.name for file in target.parent.iterdir()] == ["squat.pdf"]


def test_an_old_file_is_replaced(tmp_path: Path) -> None:
    target = tmp_path / "squat.pdf"
    target.write_bytes(b"old")
    assert publish(target, b"new")
    assert target.read_bytes() == b"new"


def test_an_equal_file_is_left_alone(tmp_path: Path) -> None:
    target = tmp_path / "squat.pdf"
    publish(target, b"same")
    os.utime(target, (1, 1))
    assert not publish(target, b"same")
    assert target.stat().st_mtime == 1
    assert publish(target, b"SAME")
    assert target.stat().st_mtime > 1


def test_parts_are_one_file_and_equal_ones_are_left_alone(tmp_path: Path) -> None:
    target = tmp_path / "squat.pdf"
    draft = write_draft(str(target), b"one ", b"", b"two")
    assert draft
    assert not target.exists()
    draft.send_off()
    draft.publish()
    draft.close()
    assert target.read_bytes() == b"one two"
    assert write_draft(str(target), b"one", b" two") is None
    for other in [(b"one ", b"too"), (b"0ne ", b"two"), (b"one two", b"!")]:
        draft = write_draft(str(target), *other)
        assert draft
        draft.close()
    assert [file.name for file in tmp_path.iterdir()] == ["squat.pdf"]
    assert target.read_bytes() == b"one two"


def test_a_file_of_another_size_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import builtins

    (tmp_path / "squat.pdf").write_bytes(b"old")
    monkeypatch.setattr(builtins, "open", None)
    assert publish(tmp_path / "squat.pdf", b"newer")


def test_a_system_that_writes_little_at_a_time_gets_it_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    really_write = os.write
    monkeypatch.setattr(os, "write", lambda handle, data: really_write(handle, data[:3]))
    publish(tmp_path / "squat.pdf", b"0123456789")
    assert (tmp_path / "squat.pdf").read_bytes() == b"0123456789"


def test_what_a_killed_run_leaves_is_known_by_its_name(tmp_path: Path) -> None:
    from handouts.batch.folder import clear_leavings

    for name in ("tiny-sam.pdf", "tiny.print.pdf", "tiny.manifest.jsonl", ".tiny.journal.jsonl"):
        os.close(Draft(str(tmp_path / name)).handle)
    assert len(list(tmp_path.iterdir())) == 4
    clear_leavings(tmp_path, "tiny")
    assert list(tmp_path.iterdir()) == []


def test_a_stream_that_is_broken_off_leaves_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "squat.pdf"
    target.write_bytes(b"old")

    def break_off() -> None:
        with publish_stream(target) as stream:
            stream.write(b"new")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        break_off()
    assert target.read_bytes() == b"old"
    assert [file.name for file in tmp_path.iterdir()] == ["squat.pdf"]
    with publish_stream(target) as stream:
        stream.write(b"new")
    assert target.read_bytes() == b"new"


@pytest.mark.skipif(os.name == "nt", reason="permissions of POSIX")
def test_the_file_can_be_read_as_any_other(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        publish(tmp_path / "squat.pdf", b"new")
    finally:
        os.umask(before)
    assert (tmp_path / "squat.pdf").stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("fault", ["replace", "fsync"])
def test_a_failure_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    target = tmp_path / "squat.pdf"
    target.write_bytes(b"old")

    def fail(*_words: object) -> None:
        raise OSError(28, "No space left on device")

    if fault == "replace":
        monkeypatch.setattr(os, "replace", fail)
    else:
        monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(HandoutError, match="disk-full") as caught:
        publish(target, b"new")
    assert "No space left on device" in str(caught.value)
    assert target.read_bytes() == b"old"
    assert [file.name for file in tmp_path.iterdir()] == ["squat.pdf"]


def test_an_interruption_leaves_no_temporary_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_words: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        publish(tmp_path / "squat.pdf", b"new")
    assert list(tmp_path.iterdir()) == []


FULL_DISK = f"""\
import resource, signal, sys
from pathlib import Path
from typing import NoReturn
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
from handouts.bind.publish import publish
from handouts.problem import HandoutError
try:
    publish(Path(sys.argv[1]), b"n" * {BIG})
except HandoutError as error:
    print(error.report.problems[0].code)
"""


@pytest.mark.skipif(os.name == "nt", reason="limits of POSIX")
def test_a_disk_that_fills_up_leaves_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "squat.pdf"
    target.write_bytes(b"old")
    command = [sys.executable, "-c", FULL_DISK, str(target)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == "cannot-write\n", done.stderr
    assert target.read_bytes() == b"old"
    assert [file.name for file in tmp_path.iterdir()] == ["squat.pdf"]


def test_a_folder_that_cannot_be_made_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with pytest.raises(HandoutError, match="cannot-write") as caught:
        publish(tmp_path / "file" / "squat.pdf", b"new")
    assert "choose --output" in str(caught.value)
    with pytest.raises(HandoutError, match="cannot-write"):
        publish(tmp_path, b"new")  # a folder by that name
    with pytest.raises(HandoutError, match="cannot-write"):
        publish(tmp_path / ("long" * 100), b"new")


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written_is_a_problem(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(HandoutError, match="cannot-write"):
            publish(tmp_path / "squat.pdf", b"new")
    finally:
        tmp_path.chmod(0o700)


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="a folder that even root cannot write")
def test_a_folder_that_nobody_may_write_is_a_problem() -> None:
    with pytest.raises(HandoutError, match="cannot-write"):
        publish(Path("/proc/self/squat.pdf"), b"new")


def test_a_draft_that_cannot_be_deleted_any_more_hides_no_other_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> NoReturn:
        raise PermissionError(13, "the folder is read-only by now")

    monkeypatch.setattr(os, "fsync", refuse)
    monkeypatch.setattr(Path, "unlink", refuse)
    with pytest.raises(HandoutError, match="cannot-write"):
        publish(tmp_path / "a.pdf", b"new")
