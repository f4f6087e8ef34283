"""Whatever befalls a run of the real command, each booklet is whole or absent, and nothing is lost.

``KILLS=300`` in the environment kills more often than the few times that a suite has time for.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.batch.conftest import (
    CLIENTS,
    PLAN,
    await_files,
    command,
    kill_group,
    list_clients,
    list_leavings,
    read_made,
    write_practice,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.batch.conftest import Made

    Process = subprocess.Popen[str]
    Start = Callable[..., Process]
    Ran = Callable[..., subprocess.CompletedProcess[str]]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals and limits")
SOME = 200
KILLS = int(os.environ.get("KILLS", "8"))
SLOW = """\
{% extends "base/booklet/closing.html.j2" %}
{% block body %}{{ super() }}
{% if programme.title == "Slow" %}
{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}
{% endif %}
{% endblock %}
"""
GREEDY = """\
{% extends "base/booklet/welcome.html.j2" %}
{% block body %}{{ super() }}
{% if programme.title == "Greedy" %}
{% set page = namespace(text="x") %}
{% for i in range(40) %}{% set page.text = page.text ~ page.text %}{% endfor %}
{% endif %}
{% endblock %}
"""


@pytest.fixture
def crowd(practice: Path) -> Path:
    """Stand in a workspace with some hundred clients."""
    (practice / "clients.csv").write_text(list_clients(SOME), encoding="utf-8")
    return practice


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Return everybody's booklet as a run that nothing befell has made it."""
    folder = write_practice(tmp_path_factory.mktemp("reference"), list_clients(SOME))
    subprocess.run(command("batch", "tiny"), cwd=folder, capture_output=True, check=True)
    made = read_made(folder / "output")
    assert len(made) == SOME
    return made


def find_wrong(folder: Path, reference: Made) -> list[str]:
    """Return the files that are there and not what they should be."""
    return [name for name, data in read_made(folder).items() if reference.get(name) != data]


def test_half_a_file_would_be_found(tmp_path: Path, reference: Made) -> None:
    name, data = next(iter(reference.items()))
    (tmp_path / name).write_bytes(data[:-1])
    (tmp_path / "tiny-nobody.pdf").write_bytes(data)
    assert sorted(find_wrong(tmp_path, reference)) == sorted([name, "tiny-nobody.pdf"])


# ── Ctrl-C ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("to_all", [True, False], ids=["group", "alone"])
def test_ctrl_c_ends_it_in_good_order_and_resume_goes_on(
    crowd: Path, start: Start, spawn: Ran, reference: Made, *, to_all: bool
) -> None:
    output = crowd / "output"
    process = start("batch", "tiny")
    await_files(output, 20, process)
    begin = time.monotonic()
    if to_all:
        kill_group(process, signal.SIGINT)
    else:
        process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert time.monotonic() - begin < 2
    assert process.returncode == 130
    assert "Stopped; --resume goes on" in err
    assert "Traceback" not in err
    made = {line.split("\t")[2] for line in out.splitlines() if line.startswith("made")}
    assert 20 <= len(made) < SOME
    assert len(out.splitlines()) == SOME
    assert set(read_made(output)) == made
    assert find_wrong(output, reference) == []
    assert list_leavings(output) == [".tiny.journal.jsonl"]
    times = {name: (output / name).stat().st_mtime_ns for name in made}
    ran = spawn("batch", "tiny", "--resume")
    assert ran.returncode == 0, ran.stderr
    assert ran.stderr.endswith(f"{len(made)} unchanged, {SOME - len(made)} made\n")
    assert read_made(output) == reference
    assert {name: (output / name).stat().st_mtime_ns for name in made} == times
    assert list_leavings(output) == []


def test_ctrl_c_while_a_page_takes_for_ever_ends_it_at_once(practice: Path, start: Start) -> None:
    _write_templates(practice)
    _add_programme(practice, "slow")
    process = start("batch", "slow")
    spool = None
    while process.poll() is None and not spool:
        spool = next(practice.glob("output/.handouts-run-*"), None)
        time.sleep(0.01)
    time.sleep(0.3)
    begin = time.monotonic()
    kill_group(process, signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert time.monotonic() - begin < 2
    assert process.returncode == 130
    assert "Traceback" not in err
    assert list_leavings(practice / "output") == [".slow.journal.jsonl"]


# ── kill -9 ───────────────────────────────────────────────────────────────────────────────────────


def test_no_kill_leaves_half_a_booklet_or_anything_else(
    crowd: Path, start: Start, reference: Made
) -> None:
    chance = random.Random(5)  # noqa: S311  no secret
    output = crowd / "output"
    counts = dict.fromkeys(["command", "worker", "group", "too late", "completed"], 0)
    for _ in range(KILLS):
        process = start("batch", "tiny", "--workers", "2")
        if chance.random() < 0.7:
            await_files(output, chance.randrange(1, SOME), process)
        else:
            time.sleep(chance.uniform(0.2, 1.2))
        counts[_kill(process, chance)] += 1
        if find_wrong(output, reference):
            pytest.fail(f"after {counts}: {find_wrong(output, reference)}")
        if process.returncode == 0:
            counts["completed"] += 1
            assert read_made(output) == reference
            assert list_leavings(output) == []
        if len(read_made(output)) > SOME * 0.9:
            shutil.rmtree(output)
    process = start("batch", "tiny")
    _, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert read_made(output) == reference
    assert list_leavings(output) == []
    print(counts)  # noqa: T201  the figures of a long run


def _kill(process: Process, chance: random.Random) -> str:
    """Kill someone who is at work; wait until all have ended; return who it was."""
    target = chance.choice(["command", "worker", "group"])
    workers = _list_children(process.pid)
    if process.poll() is not None or (target == "worker" and not workers):
        target = "too late"
    elif target == "worker":
        with suppress(ProcessLookupError):
            os.kill(chance.choice(workers), signal.SIGKILL)
    elif target == "command":
        process.kill()
    else:
        kill_group(process)
    out, err = process.communicate(timeout=60)
    assert "Traceback" not in err, err
    if target in {"worker", "too late"}:
        assert process.returncode == 0, (target, err, out)
    return target


def _list_children(process: int) -> list[int]:
    children = Path(f"/proc/{process}/task/{process}/children")
    with suppress(OSError):
        return [int(child) for child in children.read_text(encoding="ascii").split()]
    return []


# ── The disk ──────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def small_disk(crowd: Path) -> Iterator[Callable[[str], Path]]:
    """Return a function that makes the output folder a disk of its own, or changes that disk."""
    output = crowd / "output"
    output.mkdir()
    mounted = False

    def mount(options: str) -> Path:
        nonlocal mounted
        remount = "remount," if mounted else ""
        program = shutil.which("mount") or ""
        words = [program, "-t", "tmpfs", "-o", f"{remount}{options}", "tmpfs", str(output)]
        if not program or subprocess.run(words, capture_output=True, check=False).returncode:
            pytest.skip("mounting a small disk is not allowed here")
        mounted = True
        return output

    yield mount
    if mounted:
        subprocess.run([shutil.which("umount") or "", str(output)], check=True)


def test_a_full_disk_loses_nothing(
    crowd: Path, small_disk: Callable[[str], Path], spawn: Ran, reference: Made
) -> None:
    folder = small_disk("size=16k")
    ran = spawn("batch", "tiny")
    assert ran.returncode == 3
    assert read_made(folder) == {}
    assert "error[disk-full]" in ran.stderr
    for size in (900, 9100):
        small_disk(f"size={size}k")
        before = read_made(folder)
        ran = spawn("batch", "tiny")
        assert ran.returncode == (4 if read_made(folder) else 3), ran.stderr
        assert "error[disk-full]" in ran.stderr
        assert "Traceback" not in ran.stderr
        assert find_wrong(folder, reference) == []
        assert read_made(folder).items() >= before.items()
        said = {line.split("\t")[0] for line in ran.stdout.splitlines()}
        assert said <= {"made", "unchanged", "failed", "not made"}
        assert len(ran.stdout.splitlines()) == SOME
    small_disk("size=90m")
    assert spawn("batch", "tiny").returncode == 0
    assert read_made(folder) == reference
    assert list_leavings(folder) == []
    assert crowd


def test_a_folder_that_is_read_only_is_told_and_good_files_stay(
    practice: Path, small_disk: Callable[[str], Path], spawn: Ran
) -> None:
    folder = small_disk("size=9m")
    (practice / "clients.csv").write_text(CLIENTS, encoding="utf-8")
    assert spawn("batch", "tiny").returncode == 0
    before = read_made(folder)
    small_disk("ro")
    (practice / "clients.csv").write_text(CLIENTS.replace("Green", "Grey"), encoding="utf-8")
    ran = spawn("batch", "tiny")
    small_disk("rw")
    assert ran.returncode == 4  # the others' are good
    assert "error[cannot-write]" in ran.stderr
    assert "Traceback" not in ran.stderr
    assert read_made(folder) == before


@pytest.mark.parametrize("blocks", [64, 400])
def test_a_limit_of_the_size_of_files_is_told(practice: Path, blocks: int) -> None:
    words = ["bash", "-c", f'ulimit -f {blocks}; exec "$0" "$@"', *command("batch", "tiny")]
    ran = subprocess.run(words, cwd=practice, capture_output=True, text=True, check=False)
    assert "Traceback" not in ran.stderr
    for data in read_made(practice / "output").values():
        assert data.endswith(b"%%EOF\n")
    if blocks == 400:
        assert ran.returncode == 0, ran.stderr
    else:
        assert ran.returncode == 3
        assert "error[cannot-write]" in ran.stderr
        assert read_made(practice / "output") == {}


# ── Others who write ──────────────────────────────────────────────────────────────────────────────


def test_two_runs_on_one_folder_and_a_list_that_changes(
    crowd: Path, start: Start, spawn: Ran, reference: Made
) -> None:
    output = crowd / "output"
    process = start("batch", "tiny")
    while not [*output.glob(".handouts-run-*")]:  # before anything is noted
        assert process.poll() is None
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGSTOP)
    ran = spawn("batch", "tiny")
    with (crowd / "clients.csv").open("a", encoding="utf-8") as file:
        file.write("new,Neil New,none\n")
    os.kill(process.pid, signal.SIGCONT)
    assert ran.returncode == 3
    assert ": error[output-busy] another run is writing into this folder" in ran.stderr
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "warning[roster-changed]" in err
    assert len(out.splitlines()) == SOME
    assert read_made(output) == reference
    ran = spawn("batch", "tiny")
    assert ran.stderr.endswith(f"{SOME} unchanged, 1 made\n")
    assert len(read_made(output)) == SOME + 1


# ── Templates that hang or eat all memory ─────────────────────────────────────────────────────────


def _write_templates(practice: Path) -> None:
    folder = practice / "templates" / "booklet"
    folder.mkdir(parents=True)
    (folder / "closing.html.j2").write_text(SLOW, encoding="utf-8")
    (folder / "welcome.html.j2").write_text(GREEDY, encoding="utf-8")


def _add_programme(practice: Path, slug: str) -> None:
    file = practice / "programmes" / f"{slug}.yaml"
    file.write_text(PLAN.replace("Tiny plan", slug.capitalize()), encoding="utf-8")
    row = f"{slug}-x,{slug} X,none,{slug}\n"
    with (practice / "clients.csv").open("a", encoding="utf-8") as list_of_clients:
        list_of_clients.write(row)


def test_a_template_that_hangs_or_eats_all_memory_stops_only_what_uses_it(
    practice: Path, spawn: Ran
) -> None:
    _write_templates(practice)
    _add_programme(practice, "slow")
    _add_programme(practice, "greedy")
    words = ["batch", "--all", "--time-limit", "3", "--memory-limit", "300"]
    ran = spawn(*words)
    assert ran.returncode == 4, ran.stderr
    assert "error[took-too-long] slow, closing: this took longer than 3 seconds" in ran.stderr
    assert "templates/booklet/welcome.html.j2:5: error[took-too-much]" in ran.stderr
    assert "Traceback" not in ran.stderr
    found = dict(line.split("\t")[1::-1] for line in ran.stdout.splitlines())
    assert found == {
        **dict.fromkeys(["sam", "ann", "li"], "made"),
        **dict.fromkeys(["slow-x", "greedy-x"], "failed"),
    }
    assert len(read_made(practice / "output")) == 3
    assert list_leavings(practice / "output") == []
