"""A plate that was kept is the plate that would be made; anything else is not there."""

from __future__ import annotations

import random
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from handouts.booklet.plates import Pressed, press_markup
from handouts.cache import cache_folder
from handouts.model.markup import ImprintStyle, Markup, Phrase
from handouts.press import machine
from handouts.press.plate import lay_out
from handouts.press.store import find_plate, keep_plate
from handouts.problem import Place, Problem, Report, Severity
from tests.press.conftest import FONT, PAGE, STYLE
from tests.squat import SQUAT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

HERE, ELSEWHERE = Place("here.yaml"), Place("elsewhere.yaml", 2, 3)
# One warning of the style sheet, which has no place, and one of the page.
BODY = '<h1 id="place-client">Stand tall</h1><p style="no-such: rule">Breathe.</p>'
MARKUP = Markup(
    "A page",
    PAGE.format(BODY),
    f"{STYLE}p {{ nothing: known }}\n",
    (Phrase("steps[0]", "Stand tall"), Phrase("steps[1]", "Breathe.")),
    ImprintStyle(FONT, "#000000", 12, 51, 25, "%(number)s/%(total)s", "%(name)s"),
)
PROGRAMME = """\
title: Short plan
goal: Stand on one leg.
weeks: 2
sessions:
  - name: Morning
    prescriptions:
      - {{exercise: squat, dose: {dose}}}
"""
# Runs the command, and notes the title of all that is laid out, in any process.
NOTED = """\
import sys
from handouts.cli import main
from handouts.press import store

lay_out = store.lay_out

def note(markup, *rest):
    with open(sys.argv[1], "a", encoding="utf-8") as file:
        file.write(markup.title + "\\n")
    return lay_out(markup, *rest)

store.lay_out = note
main(sys.argv[2:])
"""


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Give each test a cache of its own, and let it ask the system anew."""
    monkeypatch.setenv("HANDOUTS_CACHE_DIR", str(tmp_path / "cache"))
    yield
    machine.describe_press.cache_clear()


@pytest.fixture
def press(monkeypatch: pytest.MonkeyPatch) -> Callable[[Markup, Place | None], tuple[Pressed, int]]:
    """Return a function that presses a markup and counts how often it was laid out for that."""

    def press(markup: Markup, place: Place | None = HERE) -> tuple[Pressed, int]:
        laid_out: list[Markup] = []

        def note(markup: Markup, *rest: object) -> object:
            laid_out.append(markup)
            return lay_out(markup, *rest)  # type: ignore[arg-type]

        with monkeypatch.context() as patch:
            patch.setattr("handouts.press.store.lay_out", note)
            return press_markup(markup, place), len(laid_out)

    return press


def keep(markup: Markup = MARKUP, place: Place | None = HERE) -> Path:
    """Lay a markup out, keep its plate, and return the file in which it is kept."""
    before = set(cache_folder().rglob("*.plate"))
    report = Report()
    keep_plate(markup, place, lay_out(markup, place, report), list(report))
    [file] = set(cache_folder().rglob("*.plate")) - before
    return file


def ask_anew() -> bool:
    """Return whether the plate is found by a process that looks at the system afresh."""
    machine.describe_press.cache_clear()
    return find_plate(MARKUP, HERE) is not None


def test_a_kept_plate_is_the_one_that_was_made() -> None:
    report = Report()
    plate = lay_out(MARKUP, HERE, report)
    assert [problem.place for problem in report] == [None, HERE]
    assert plate.spots["client"]
    assert find_plate(MARKUP, HERE) is None
    keep_plate(MARKUP, HERE, plate, list(report))
    assert find_plate(MARKUP, HERE) == (plate, list(report))


def test_what_was_found_is_told_of_the_place_that_asks() -> None:
    keep()
    found = find_plate(MARKUP, ELSEWHERE)
    assert found
    report = Report()
    lay_out(MARKUP, ELSEWHERE, report)
    assert found[1] == list(report)
    assert [problem.place for problem in found[1]] == [None, ELSEWHERE]


def test_pressing_twice_lays_out_once(press: Callable[..., tuple[Pressed, int]]) -> None:
    warned = replace(MARKUP, problems=(Problem("words-missing", "x", severity=Severity.WARNING),))
    first, times = press(warned)
    assert times == 1
    assert press(warned) == (first, 0)
    assert next(iter(first.report)).code == "words-missing"


@pytest.mark.parametrize(
    "changed",
    [
        {"title": "Another page"},
        {"html": PAGE.format(BODY + "!")},
        {"css": STYLE + "p { color: red }"},
        {"phrases": ()},
        {"phrases": (*MARKUP.phrases[:1], Phrase("steps[2]", "Breathe."))},
        {"phrases": MARKUP.phrases[::-1]},
    ],
    ids=str,
)
def test_another_markup_is_another_plate(changed: dict[str, object]) -> None:
    keep()
    assert find_plate(replace(MARKUP, **changed), HERE) is None  # type: ignore[arg-type]
    assert find_plate(MARKUP, HERE)


def test_what_the_plate_does_not_show_changes_nothing() -> None:
    """The imprint is laid over it later, and the theme's warnings come with the markup."""
    keep()
    style = replace(MARKUP.imprint, colour="#ffffff")
    warning = Problem("words-missing", "x", severity=Severity.WARNING)
    assert find_plate(replace(MARKUP, imprint=style, problems=(warning,)), HERE)
    assert find_plate(MARKUP, None) is None  # what is said without a place is said otherwise


@pytest.mark.parametrize("name", ["LANG", "FC_LANG", "SOURCE_DATE_EPOCH"])
def test_the_environment_that_chooses_fonts_counts(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep()
    monkeypatch.setenv(name, "1234567890")
    assert find_plate(MARKUP, HERE) is None


def test_versions_and_code_count(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    keep()
    assert ask_anew()
    for name, value in (
        ("__version__", "0.0.0"),
        ("_list_libraries", lambda: ["weasyprint-1.0.dist-info"]),
        ("_describe_system_libraries", lambda: ["1.0"]),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(machine, name, value)
            assert not ask_anew(), name
    (tmp_path / "press").mkdir()
    with monkeypatch.context() as patch:
        patch.setattr("handouts.assets.PACKAGE", tmp_path)
        assert not ask_anew()
    assert ask_anew()


def test_nothing_is_kept_where_the_fonts_cannot_be_known(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(name: str, version: int) -> None:
        raise OSError(f"{name}.{version} is not there")

    monkeypatch.setattr(machine, "_load", fail)
    assert not ask_anew()
    keep_plate(MARKUP, HERE, lay_out(MARKUP, HERE, Report()), [])
    assert list(cache_folder().rglob("*.plate")) == []


def test_a_damaged_entry_is_noticed_wherever_the_damage_is() -> None:
    file = keep()
    sound = file.read_bytes()
    dice = random.Random(5)  # noqa: S311  no secret
    damaged = [sound[:length] for length in range(0, len(sound), 31)]
    damaged += [sound + b"\n", b"\n" + sound, sound * 2, bytes(len(sound))]
    for _ in range(300):
        place = dice.randrange(len(sound))
        flipped = bytes([sound[place] ^ 1 << dice.randrange(8)])
        damaged.append(sound[:place] + flipped + sound[place + 1 :])
    for place in range(90):  # the whole of the head
        damaged.append(sound[:place] + bytes([sound[place] ^ 1]) + sound[place + 1 :])
    for data in damaged:
        file.write_bytes(data)
        assert find_plate(MARKUP, HERE) is None
    file.write_bytes(sound)
    assert find_plate(MARKUP, HERE)


def test_a_damaged_entry_is_made_again(press: Callable[..., tuple[Pressed, int]]) -> None:
    first, _ = press(MARKUP)
    [file] = cache_folder().rglob("*.plate")
    file.write_bytes(file.read_bytes()[:-1])
    assert press(MARKUP) == (first, 1)
    assert press(MARKUP) == (first, 0)


@pytest.mark.parametrize(
    "label",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"{}",
        b'{"key": "KEY"}',
        b'{"key": "KEY", "pages": "two", "spots": {}, "problems": []}',
        b'{"key": "KEY", "pages": 1, "spots": [1], "problems": []}',
        b'{"key": "KEY", "pages": 1, "spots": {"a": 1}, "problems": []}',
        b'{"key": "KEY", "pages": 1, "spots": {"a": []}, "problems": []}',
        b'{"key": "KEY", "pages": 1, "spots": {}, "problems": [{}]}',
        b'{"key": "KEY", "pages": 1, "spots": {}, "problems": [1]}',
        b"[" * 100_000,
        b"cos\nsystem\n(S'echo'\ntR.",
    ],
    ids=range(14),
)
def test_an_entry_of_another_shape_is_none(label: bytes) -> None:
    from hashlib import sha256

    file = keep()
    rest = label.replace(b"KEY", file.stem.encode()) + b"\n%PDF"
    file.write_bytes(f"plate 1 {sha256(rest).hexdigest()}\n".encode() + rest)
    assert find_plate(MARKUP, HERE) is None


def test_an_entry_under_another_name_is_none() -> None:
    other = keep(replace(MARKUP, title="Another page"))
    file = keep()
    file.write_bytes(other.read_bytes())
    assert find_plate(MARKUP, HERE) is None


def test_errors_are_told_anew(press: Callable[..., tuple[Pressed, int]]) -> None:
    html = PAGE.format("<p>Stand tall. Breathe. \U0010fffd</p>")  # a letter that no font has
    first, times = press(replace(MARKUP, html=html))
    assert [problem.code for problem in first.report.errors] == ["missing-glyph"]
    assert times == 1
    assert press(replace(MARKUP, html=html)) == (first, 1)


def test_what_does_not_fit_is_known_but_has_no_plate(
    press: Callable[..., tuple[Pressed, int]],
) -> None:
    """A booklet tries larger pictures first: that they do not fit need not be found twice."""
    lost = replace(MARKUP, phrases=(Phrase("steps[0]", "Sit down"),))
    first, _ = press(lost)
    assert [problem.code for problem in first.report.errors] == ["text-lost"]
    second, times = press(lost)
    assert times == 0
    assert (second.plate, list(second.report)) == (None, list(first.report))
    [file] = cache_folder().rglob("*.plate")
    assert b"%PDF" not in file.read_bytes()


def test_pages_that_were_only_counted_are_no_plate_for_who_wants_them() -> None:
    markup = replace(MARKUP, html=PAGE.format("<p>Step.</p>" * 60), phrases=())
    pressed = press_markup(markup, HERE, 1)
    assert pressed.plate
    assert (pressed.plate.pages, pressed.plate.pdf) == (5, b"")
    assert find_plate(markup, HERE, 1) == (pressed.plate, [*pressed.report])
    assert find_plate(markup, HERE, 4)
    assert find_plate(markup, HERE, 5) is None
    assert find_plate(markup, HERE) is None
    whole = press_markup(markup, HERE)
    assert whole.plate
    assert whole.plate.pdf
    # Whoever would be content with a number gets the pages, now that they are there.
    assert find_plate(markup, HERE, 1) == (whole.plate, [*whole.report])


def test_a_cache_that_cannot_be_written_costs_time_only(
    press: Callable[..., tuple[Pressed, int]], tmp_path: Path
) -> None:
    (tmp_path / "cache").write_bytes(b"in the way")
    first, _ = press(MARKUP)
    assert press(MARKUP) == (first, 1)


def test_another_clients_booklet_lays_out_nothing_and_a_new_dose_only_what_it_changes(
    tmp_path: Path,
) -> None:
    """As real commands, each in a process of its own."""
    for folder in ("programmes", "exercises"):
        (tmp_path / folder).mkdir()
    (tmp_path / "exercises" / "squat.yaml").write_text(SQUAT, encoding="utf-8")
    (tmp_path / "handouts.toml").write_text('[trainer]\nname = "Ann"\n', encoding="utf-8")
    clients = "id,name,conditions\nsam,Sam,none\nzoe,Zoë,none\n"
    (tmp_path / "clients.csv").write_text(clients, encoding="utf-8")

    def make(client: str, dose: str) -> list[str]:
        programme = tmp_path / "programmes" / "short.yaml"
        programme.write_text(PROGRAMME.format(dose=dose), encoding="utf-8")
        log = tmp_path / "log"
        log.write_bytes(b"")
        order = ["-C", str(tmp_path), "booklet", "short", "--client", client]
        subprocess.run([sys.executable, "-c", NOTED, str(log), *order], cwd=tmp_path, check=True)
        return sorted(log.read_text(encoding="utf-8").splitlines())

    all_of_it = make("sam", "3 × 10")
    assert len(all_of_it) >= 8
    assert make("zoe", "3 × 10") == []
    changed = set(make("zoe", "3 × 12"))
    assert "Squat" in changed
    assert not changed & {"Short plan", "Stay safe", "Well done", "Notes", "Welcome"}
