"""A glance says what a plan would say, to the letter, or nothing."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from handouts.batch.glance import Glance
from handouts.batch.manifest import Entry, write_manifest
from handouts.batch.order import BatchOrder
from handouts.batch.plan import plan_batch
from handouts.cache import read_cached, write_cached
from handouts.cli import batch, main
from handouts.order import BookletOrder, Look
from handouts.problem import HandoutError, Report
from handouts.source.workspace import Workspace
from tests.batch.conftest import BAD_BACK, CLIENTS, PLAN, SQUAT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Ran = subprocess.CompletedProcess[str]
    Run = Callable[..., Ran]
    Spoil = Callable[[Path], object]

LOGO = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><rect width="{}" height="9"/></svg>'
)
SPANISH = "eva,Eva Sol,none,tiny,es\n"
ELSEWHERE = "zoe,Zoë,none,spare,\n"
SETTINGS = '[trainer]\nname = "Ann"\nlogo = "logo.svg"\n'
CONDITIONS = """\
conditions:
  sore-thumb: {name: Sore thumb, medical: Pollex dolens}
"""
MANIFEST, SAM = "output/tiny.manifest.jsonl", "output/tiny-sam.pdf"
SAME, OTHER, DOUBT = "same", "other", "doubt"
"""What comes of a change: the answer stands; a plan says something else; a plan is asked anyway."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return a practice whose booklets were made, one person's not, and a copy of it."""
    folder, kept = tmp_path_factory.mktemp("made"), tmp_path_factory.mktemp("kept")
    rows = (CLIENTS + BAD_BACK).replace("programme\n", "programme,language\n")
    sessions = "  - name: Any time\n    prescriptions:\n"
    hinge = "      - {exercise: hip-hinge, dose: 2 × 9}\n"
    for name, text in {
        "exercises/squat.yaml": SQUAT,
        "exercises/spare.yaml": SQUAT,
        "programmes/tiny.yaml": PLAN.replace(sessions, f"{sessions}{hinge}"),
        "programmes/spare.yaml": PLAN,
        "clients.csv": rows.replace("tiny\n", "tiny,\n") + SPANISH + ELSEWHERE,
        "handouts.toml": SETTINGS,
        "logo.svg": LOGO.format(9),
        "conditions.yaml": CONDITIONS,
        "styles/custom.css": ".x { color: #222 }\n",
    }.items():
        put(name, text)(folder)
    time.sleep(0.05)  # what has just been written could be written again
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("HANDOUTS_CONFIG_DIR", str(folder / "config"))
        with pytest.raises(SystemExit, match="4"):
            main(["batch", "tiny"])
    shutil.copytree(folder, kept, dirs_exist_ok=True)
    return folder, kept


@pytest.fixture
def settled(made: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Stand in that practice."""
    monkeypatch.chdir(made[0])
    monkeypatch.setenv("HANDOUTS_CONFIG_DIR", str(made[0] / "config"))
    yield made[0]
    restore(*made)


def restore(folder: Path, kept: Path) -> None:
    """Make a practice what it was."""
    for file in folder.iterdir():
        shutil.rmtree(file) if file.is_dir() else file.unlink()
    shutil.copytree(kept, folder, dirs_exist_ok=True)


@pytest.fixture
def ask(handouts: Run, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Ran | None]:
    """Return a function that runs the command as far as the glance: None if it has no answer."""

    def ask(*words: str) -> Ran | None:
        def stop(*_: object) -> None:
            raise HandoutError.of("no-answer", "a plan is to be made")

        with monkeypatch.context() as patch:
            patch.setattr(batch, "_make_plans", stop)
            ran = handouts("batch", "tiny", *words)
        return None if "error[no-answer]" in ran.stderr else ran

    return ask


def put(name: str, text: str) -> Spoil:
    """Return what writes a file."""

    def spoil(root: Path) -> None:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")

    return spoil


def swap(name: str, old: str, new: str) -> Spoil:
    """Return what writes something else into a file, of the same time."""

    def spoil(root: Path) -> None:
        file = root / name
        text, status = file.read_text("utf-8"), file.stat()
        assert old in text
        file.write_text(text.replace(old, new, 1), encoding="utf-8")
        os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))

    return spoil


def drop(name: str) -> Spoil:
    """Return what deletes a file."""
    return lambda root: (root / name).unlink()


def edit(row: int, **changes: Any) -> Spoil:  # noqa: ANN401  whatever JSON holds
    """Return what changes a line of the manifest."""

    def spoil(root: Path) -> None:
        lines = (root / MANIFEST).read_text("utf-8").splitlines()
        lines[row] = json.dumps({**json.loads(lines[row]), **changes})
        (root / MANIFEST).write_text("\n".join([*lines, ""]), encoding="utf-8")

    return spoil


def add_line(text: str) -> Spoil:
    """Return what writes a line more into the manifest."""
    return lambda root: (root / MANIFEST).write_text(
        (root / MANIFEST).read_text("utf-8") + text + "\n", encoding="utf-8"
    )


def clash(root: Path) -> None:
    """Let another programme have a file of the same name."""
    entry = Entry("am", "tiny-sam.pdf", "ab" * 32, 9, 9, "cd", "2026-11-20T00:00:00+00:00")
    write_manifest(root / "output" / "tiny-s.manifest.jsonl", {"programme": "tiny-s"}, [entry])


def link_out(root: Path) -> None:
    """Let the logo be a link that leads out of the workspace, to the same picture."""
    outside = root.parent / f"{root.name}-outside.svg"
    (root / "logo.svg").rename(outside)
    (root / "logo.svg").symlink_to(outside)


def be_folder(root: Path) -> None:
    """Let a folder be in the place of a booklet."""
    (root / SAM).unlink()
    (root / SAM).mkdir()


CHANGES: dict[str, tuple[Spoil, str]] = {
    "nothing": (lambda _: None, SAME),
    "an exercise only touched": (lambda root: (root / "exercises/squat.yaml").touch(), SAME),
    "a file beside it": (put("output/notes.txt", "x"), SAME),
    "another manifest": (put("output/knee.manifest.jsonl", "x"), SAME),
    # ── What a plan reads ──
    "a name": (swap("clients.csv", "Sam Green", "Sam Grean"), OTHER),
    "a condition": (swap("clients.csv", "backache", "none"), OTHER),
    "a language": (swap("clients.csv", ",es", ",pt"), OTHER),
    "one less": (swap("clients.csv", SPANISH, ""), OTHER),
    "one more": (swap("clients.csv", SPANISH, f"{SPANISH}max,Max,none,tiny,\n"), OTHER),
    "another order": (swap("clients.csv", "none,tiny,\nann", "none,tiny,\n\nann"), DOUBT),
    "no list": (drop("clients.csv"), OTHER),
    "two lists": (put("clients.yaml", "clients: []"), OTHER),
    "the programme": (swap("programmes/tiny.yaml", "2 × 9", "2 × 8"), OTHER),
    "no programme": (drop("programmes/tiny.yaml"), OTHER),
    "another programme gone": (drop("programmes/spare.yaml"), OTHER),
    "an exercise": (swap("exercises/squat.yaml", "Bend", "Tend"), OTHER),
    "an exercise broken": (swap("exercises/squat.yaml", "name: Squat", "nome: Squat"), OTHER),
    "an exercise gone": (drop("exercises/squat.yaml"), OTHER),
    "another exercise gone": (drop("exercises/spare.yaml"), DOUBT),
    "an exercise that hides one": (put("exercises/hip-hinge.yaml", SQUAT), OTHER),
    "a style": (swap("styles/custom.css", "#222", "#333"), OTHER),
    "a style more": (put("styles/booklet.css", ".y { color: #222 }"), OTHER),
    "a template more": (put("templates/words/pt.po", ""), OTHER),
    "a theme that hides one": (put("styles/themes/clear/theme.toml", 'label = "x"'), OTHER),
    "the trainer": (swap("handouts.toml", "Ann", "Ben"), OTHER),
    "settings broken": (swap("handouts.toml", "name", "nome"), OTHER),
    "the user's settings": (put("config/handouts.toml", '[print]\npaper = "letter"\n'), OTHER),
    "a word of the vocabulary": (swap("conditions.yaml", "Sore thumb", "Sore thums"), OTHER),
    "the vocabulary broken": (swap("conditions.yaml", "medical", "medicol"), OTHER),
    "a vocabulary more": (put("muscles.yaml", "muscles: {}"), OTHER),
    "the logo": (put("logo.svg", LOGO.format(5)), OTHER),
    "the logo broken": (put("logo.svg", LOGO.format(5)[:30]), OTHER),
    "the logo gone": (drop("logo.svg"), OTHER),
    "a logo elsewhere": (link_out, OTHER),
    # ── What was made ──
    "a booklet gone": (drop(SAM), OTHER),
    "a booklet touched": (lambda root: os.utime(root / SAM, ns=(1, 1)), OTHER),
    "a booklet cut off": (lambda root: os.truncate(root / SAM, 99), OTHER),
    "a folder for a booklet": (be_folder, OTHER),
    "a manifest gone": (drop(MANIFEST), OTHER),
    "a manifest cut off": (lambda root: os.truncate(root / MANIFEST, 1500), OTHER),
    "nonsense": (put(MANIFEST, "\0"), OTHER),
    "a nest": (put(MANIFEST, "[" * 100_000), OTHER),
    "a nest in the head": (edit(0, programme=None, nest=json.loads("[" * 300 + "]" * 300)), DOUBT),
    "a nest in a line": (add_line("[" * 100_000), SAME),
    "half a letter": (add_line('{"client": "\\ud800"}'), SAME),
    "half a letter in an entry": (edit(2, made="\ud800"), OTHER),
    "a head of something else": (edit(0, inputs="x"), DOUBT),
    "a run that has not ended": (edit(0, complete=False), DOUBT),
    "a number for a name": (edit(1, file=7), OTHER),
    "a list for a client": (edit(1, client=[]), OTHER),
    "a text for a size": (edit(1, size="9"), OTHER),
    "another's file": (edit(1, file="tiny-li.pdf"), OTHER),
    "of unknown make": (edit(1, inputs=""), OTHER),
    "one who is no more listed": (edit(1, listed=False), DOUBT),
    "a spare key": (edit(1, spare=1), OTHER),
    "a journal": (put("output/.tiny.journal.jsonl", ""), DOUBT),
    "another's journal": (put("output/.knee.journal.jsonl", ""), DOUBT),
    "a spool": (put("output/.handouts-run-x/0.master", ""), DOUBT),
    "half a booklet": (put("output/.tiny-sam.pdf.abcdefgh", ""), DOUBT),
    "a name that clashes": (clash, OTHER),
    "a manifest that could clash": (put("output/tiny-s.manifest.jsonl", "x"), DOUBT),
}
FLAGS = {
    "--workers 3 --time-limit 9": SAME,
    "--report made.csv": SAME,
    "--report made.json": SAME,
    "--output ./output": SAME,
    "--paper letter": OTHER,
    "--paper a4": OTHER,
    "--size large": OTHER,
    "--ink mono": OTHER,
    "--detail full": OTHER,
    "--theme gym": OTHER,
    "--start 2026-12-01": OTHER,
    "--order position": OTHER,
    "--layout folded": OTHER,
    "--fillable": OTHER,
    "--archive": OTHER,
    "--output elsewhere": OTHER,
    "--clients none.csv": OTHER,
    "--since programmes/tiny.yaml": OTHER,
    "--password secret": OTHER,
    "--resume": OTHER,
    "--clients clients.csv": DOUBT,
    "--keep-going": DOUBT,
    "--merge": DOUBT,
    "--scheduler tcp://127.0.0.1:9": DOUBT,
}
VARIABLES = {
    "NO_COLOR": ("1", SAME),
    "HANDOUTS_TRAINER_NAME": ("Bo", OTHER),
    "HANDOUTS_PAPER": ("letter", OTHER),
    "HANDOUTS_PAPPER": ("letter", OTHER),
    "HANDOUTS_THEME": ("gym", OTHER),
    "HANDOUTS_SIZE": ("huge", OTHER),
    "HANDOUTS_CONFIG_DIR": ("elsewhere", OTHER),
    "HANDOUTS_CACHE_DIR": ("elsewhere", DOUBT),
}


def read(ran: Ran, words: str = "") -> tuple[int, str, str, bytes]:
    """Return all that a command has told: its code, both streams, the report that was wanted."""
    report = Path(words.removeprefix("--report "))
    table = report.read_bytes() if report.is_file() else b""
    if table:
        report.unlink()
    return ran.returncode, ran.stdout, ran.stderr, table


@pytest.fixture
def check(settled: Path, handouts: Run, ask: Callable[..., Ran | None]) -> Callable[..., None]:
    """Return a function that checks that what a glance says is what a plan says."""
    assert settled
    # A dry run always makes a plan, and says the same where nothing is to be made.
    before = read(handouts("batch", "tiny", "--dry-run"))

    def check(expected: str, words: str = "") -> None:
        answer = ask(*words.split())
        told = read(answer, words) if answer else None
        plan = read(handouts("batch", "tiny", *words.split(), "--dry-run"), words)
        assert "Traceback" not in plan[2]
        assert told in {None, plan}
        said = SAME if told else DOUBT if plan[:3] == before[:3] else OTHER
        assert said == expected, plan

    return check


def test_whatever_changes_in_the_files(
    made: tuple[Path, Path], check: Callable[..., None], subtests: pytest.Subtests
) -> None:
    for name, (spoil, expected) in CHANGES.items():
        with subtests.test(name):
            spoil(made[0])
            check(expected)
        restore(*made)
    check(SAME)


def test_whatever_is_said_on_the_command_line(
    check: Callable[..., None], subtests: pytest.Subtests
) -> None:
    for words, expected in FLAGS.items():
        with subtests.test(words):
            check(expected, words)


@pytest.mark.parametrize("name", VARIABLES)
def test_whatever_the_environment_says(
    check: Callable[..., None], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    value, expected = VARIABLES[name]
    monkeypatch.setenv(name, value)
    check(expected)


def test_from_elsewhere_other_paths_are_shown(
    settled: Path, tmp_path: Path, handouts: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    words = ("-C", settled, "batch", "tiny")
    first, again = handouts(*words), handouts(*words)
    assert first.stderr == again.stderr
    assert first.stderr.startswith(f"{settled}/clients.csv: warning[other-programme] 1 of")


def test_who_wants_to_hear_of_each_hop_sees_each(
    settled: Path, ask: Callable[..., Ran | None], caplog: pytest.LogCaptureFixture
) -> None:
    assert settled
    assert ask()
    caplog.set_level("INFO", logger="handouts")
    assert ask() is None


def test_a_run_again_is_the_same_with_and_without_a_glance(
    settled: Path, handouts: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = {file: file.read_bytes() for file in (settled / "output").iterdir()}
    for words in ("", "--report made.json", "--report made.csv"):
        quick = read(handouts("batch", "tiny", *words.split()), words)
        with monkeypatch.context() as patch:
            patch.setattr(Glance, "look", lambda _: None)
            slow = read(handouts("batch", "tiny", *words.split()), words)
        assert quick == slow
        assert quick[0] == 4
        assert quick[1].startswith("failed\tbo\tmust-avoid")
        assert quick[1].count("unchanged") == 4
        assert "warning[other-language] eva" in quick[2]
        assert bool(words) == bool(quick[3])
        assert {file: file.read_bytes() for file in (settled / "output").iterdir()} == kept


def test_a_glance_loads_nothing_heavy(settled: Path) -> None:
    code = "import sys\nfrom handouts.cli import main\ntry: main()\nfinally: print(*sys.modules)"
    words = [sys.executable, "-c", code, "batch", "tiny"]
    ran = subprocess.run(words, cwd=settled, capture_output=True, encoding="utf-8", check=False)
    assert ran.returncode == 4, ran.stderr
    modules = set(ran.stdout.split())
    assert "handouts.batch.glance" in modules
    heavy = {"pydantic", "jinja2", "yaml", "pikepdf", "weasyprint", "reportlab", "rich"}
    assert not modules & {*heavy, "handouts.batch.plan", "handouts.model.base"}


def keep(order: BatchOrder, meanwhile: Callable[[], object]) -> bytes | None:
    """Return the note that is kept of a plan, if something happens before it is made."""
    glance, report = Glance(order), Report()
    meanwhile()
    glance.keep(plan_batch(order, report), report)
    return read_cached(name_note(glance))


def name_note(glance: Glance) -> str:
    """Return where the note of what was seen lies in the cache."""
    return f"handouts/{glance._key}.json"  # noqa: SLF001  what it is kept under


@pytest.mark.parametrize("file", ["exercises/squat.yaml", "programmes/tiny.yaml", "clients.csv"])
def test_what_changes_while_a_plan_is_made_leaves_no_note(
    order: BatchOrder, practice: Path, file: str
) -> None:
    time.sleep(0.05)  # what has just been written could be written again
    add = "\n" if file == "clients.csv" else "# seen\n"
    text = (practice / file).read_text("utf-8")
    changed = (practice / file).with_suffix(".new")
    changed.write_text(text + add, encoding="utf-8")
    os.utime(changed, ns=(1, 1))
    assert keep(order, lambda: changed.replace(practice / file)) is None
    time.sleep(0.05)
    assert keep(order, lambda: None)


def test_a_cache_that_holds_nothing_sensible(settled: Path, ask: Callable[..., Ran | None]) -> None:
    order = BatchOrder(
        BookletOrder(
            Workspace(settled, settled / "handouts.toml"), "tiny", everyone=True, look=Look()
        ),
        settled / "output",
    )
    name = name_note(Glance(order))
    note = read_cached(name)
    assert note
    values = json.loads(note)
    spoilt = [{**values, key: other} for key in values for other in (None, 7, "x", [7], {"x": 7})]
    texts = [
        b"",
        b"null",
        b"[" * 100_000,
        b"\xff",
        b"{}",
        *(json.dumps(v).encode() for v in spoilt),
    ]
    for text in texts:
        write_cached(name, text)
        assert ask() is None, text
    write_cached(name, note)
    assert ask()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes")
def test_a_pipe_for_a_list_is_left_to_the_plan(order: BatchOrder, practice: Path) -> None:
    (practice / "clients.csv").unlink()
    os.mkfifo(practice / "clients.csv")
    assert Glance(order).look() is None
