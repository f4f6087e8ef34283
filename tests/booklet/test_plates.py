"""An exercise keeps to its sheet, its box whole on the front; what two share is made once."""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

import page as validator
import pytest

from handouts.booklet import plates
from handouts.booklet.desk import open_desk
from handouts.booklet.plates import Leaf, Pressed, Rack, press_leaf, press_markup
from handouts.order import BookletOrder, Look
from handouts.press import store
from handouts.press.plate import Plate, lay_out
from handouts.problem import ExitCode, HandoutError, Place, Report
from handouts.source.workspace import Workspace
from handouts.theme.advice import Advice
from handouts.theme.booklet import BookletDresser
from handouts.theme.handout import Dresser, Fit
from tests.booklet.conftest import write_workspace
from tests.judge import find_lost, read_texts

if TYPE_CHECKING:
    from pathlib import Path

    from handouts.booklet.desk import Desk
    from handouts.model.exercise import Exercise
    from handouts.model.markup import Markup

HOLD = "standing-hip-extension-hold"
ADVICE = Advice("Poor balance", "Ask your doctor or physio before you do this. Hold on to a wall.")


@pytest.fixture(scope="module")
def desk() -> Desk:
    """Return the desk of a shipped programme."""
    return open_desk(BookletOrder(Workspace(), "hip-strength-beginners"), Report())


@pytest.fixture(scope="module")
def hold(desk: Desk) -> Leaf:
    """Return an exercise whose two pages are full."""
    exercise = next(each for each in desk.booklet.exercises if each.slug == HOLD)
    return Leaf(exercise, desk.booklet.tasks[HOLD], (), Place("hold.yaml"))


def heed(leaf: Leaf, number: int) -> Leaf:
    """Return the leaf for a client who has to heed a number of things."""
    advice = tuple(Advice(f"{ADVICE.about} {n}", ADVICE.text) for n in range(number))
    return Leaf(leaf.exercise, leaf.tasks, advice, leaf.place)


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> list[Fit]:
    """Return a list that gets each fit that is tried."""
    fits: list[Fit] = []
    dress = Dresser.dress_exercise

    def note(own: Dresser, exercise: Exercise, tasks: object, advice: object, fit: Fit) -> object:
        fits.append(fit)
        return dress(own, exercise, tasks, advice, fit)  # type: ignore[arg-type]

    monkeypatch.setattr(Dresser, "dress_exercise", note)
    return fits


def test_pictures_shrink_until_what_a_client_heeds_stands_on_the_front_of_one_sheet(
    desk: Desk, hold: Leaf, tried: list[Fit]
) -> None:
    leaf = heed(hold, 2)
    pressed = press_leaf(desk.make_dresser(Look()), leaf)
    assert [str(problem) for problem in pressed.report] == []
    assert pressed.plate is not None
    front, back = read_texts(pressed.plate.pdf)
    assert find_lost([f"{line.about}. {line.text}" for line in leaf.advice], front) == []
    assert find_lost([row.why for row in leaf.exercise.avoid if row.why], front) == []
    assert find_lost([error.name for error in leaf.exercise.errors], front + back) == []
    assert len(tried) > 1
    scales = [(fit.front, fit.back, not fit.warning_first, not fit.advice_apart) for fit in tried]
    assert all(before > after for before, after in pairwise(scales))


def test_steps_that_run_on_stay_whole_and_tagged(tmp_path: Path) -> None:
    """A client with much to heed: the box comes first, and the steps do not all fit below it."""
    has = "backache, poor balance, hip replacement, dizziness"
    rows = f'id,name,conditions\nmo,Mo May,"{has}"\n'
    workspace = write_workspace(tmp_path, {"clients.csv": rows})
    desk = open_desk(BookletOrder(workspace, "balance", chosen=("mo",)), Report())
    exercise = next(each for each in desk.booklet.exercises if each.slug == HOLD)
    leaf = Leaf(exercise, desk.booklet.tasks[HOLD], desk.readers[0].advice[HOLD])
    plate = press_leaf(desk.make_dresser(Look()), leaf).plate
    assert plate is not None
    profile = validator.ValidationProfile.PDF_UA_1
    assert list(validator.validate_pdf_bytes(plate.pdf, profile=profile).failures) == []


def test_pictures_that_have_room_are_as_large_as_can_be(desk: Desk, tried: list[Fit]) -> None:
    hinge = next(each for each in desk.booklet.exercises if each.slug == "hip-hinge")
    pressed = press_leaf(desk.make_dresser(Look()), Leaf(hinge, desk.booklet.tasks["hip-hinge"]))
    assert pressed.plate is not None
    assert tried == [Fit()]


@pytest.mark.parametrize("notes", [0, 1, 2, 3])
@pytest.mark.parametrize("look", [Look(), Look(size="large"), Look(detail="full")])
def test_what_does_not_suit_is_not_written_and_what_comes_out_is_the_same(
    desk: Desk, hold: Leaf, monkeypatch: pytest.MonkeyPatch, notes: int, look: Look
) -> None:
    leaf, dresser = heed(hold, notes), desk.make_dresser(look)
    monkeypatch.setattr(store, "find_plate", lambda *_: None)
    seen: list[Plate] = []

    def note(markup: Markup, place: Place | None, report: Report, most: int | None) -> Plate:
        seen.append(lay_out(markup, place, report, most))
        return seen[-1]

    monkeypatch.setattr(store, "lay_out", note)
    ours = press_leaf(dresser, leaf)
    assert ours.plate
    assert [plate for plate in seen if plate.pdf] == [ours.plate]
    monkeypatch.setattr(store, "lay_out", lambda *given: lay_out(*given[:3]))
    whole = press_leaf(dresser, leaf)
    assert (ours.plate, [*ours.report]) == (whole.plate, [*whole.report])


def test_of_what_never_suits_the_fewest_pages_are_written(
    desk: Desk, hold: Leaf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plates, "_SHEET", 1)
    pressed = press_leaf(desk.make_dresser(Look()), hold)
    assert pressed.plate
    assert pressed.plate.pages == 2
    assert len(read_texts(pressed.plate.pdf)) == 2
    assert not pressed.report.errors


def test_large_print_runs_on_but_the_box_is_whole_on_the_front(desk: Desk, hold: Leaf) -> None:
    pressed = press_leaf(desk.make_dresser(Look(size="large", paper="letter")), heed(hold, 2))
    assert [str(problem) for problem in pressed.report] == []
    assert pressed.plate is not None
    front, second, *_ = read_texts(pressed.plate.pdf)
    assert find_lost([row.why for row in hold.exercise.avoid if row.why], front) == []
    # What has no room in the box follows it at once.
    assert find_lost([f"{ADVICE.about} {n}. {ADVICE.text}" for n in range(2)], front + second) == []


def test_more_than_any_page_can_hold_is_a_problem_with_its_place(tiny: Workspace) -> None:
    desk = open_desk(BookletOrder(tiny, "tiny"), Report())
    [squat] = desk.booklet.exercises
    [row] = squat.avoid
    rows = [
        row.model_copy(update={"why": f"{number}. " + "Read on. " * 200}) for number in range(4)
    ]
    endless = squat.model_copy(update={"avoid": tuple(rows)})
    pressed = press_leaf(desk.make_dresser(Look()), Leaf(endless, (), (), Place("squat.yaml")))
    assert pressed.report.errors
    for problem in pressed.report.errors:
        assert problem.code in {"avoid-split", "text-lost"}, str(problem)
        assert str(problem.place) == "squat.yaml"


def test_what_the_engine_refuses_is_noted(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    pages = BookletDresser(desk.make_dresser(Look()), desk.booklet)
    markup = pages.dress_notes()

    def refuse(code: str, exit_code: ExitCode) -> None:
        def lay_out(*_: object) -> None:
            raise HandoutError.of(code, "no", exit_code=exit_code)

        monkeypatch.setattr(store, "lay_out", lay_out)

    refuse("layout-failed", ExitCode.DATA)
    pressed = press_markup(markup)
    assert pressed.plate is None
    assert [problem.code for problem in pressed.report] == ["layout-failed"]
    refuse("engine-missing", ExitCode.ENGINE)
    with pytest.raises(HandoutError) as caught:
        press_markup(markup)
    assert caught.value.exit_code is ExitCode.ENGINE


def test_a_rack_makes_each_plate_once() -> None:
    made: list[str] = []

    def make(name: str) -> Pressed:
        made.append(name)
        return Pressed(None)

    rack = Rack()
    rack.make({("a",): lambda: make("a"), ("b",): lambda: make("b")})
    first = rack["a",]
    rack.make({("a",): lambda: make("a again")})
    assert made == ["a", "b"]
    assert rack["a",] is first
    with pytest.raises(KeyError):
        rack["c",]


def test_a_rack_gets_its_plates_back_from_all_processors() -> None:
    def make(number: int) -> Pressed:
        report = Report()
        report.warn("made-up", f"plate {number}")
        return Pressed(None, report)

    rack = Rack()
    rack.make({(number,): partial(make, number) for number in range(7)})
    said = [next(iter(rack[number,].report)).message for number in range(7)]
    assert said == [f"plate {number}" for number in range(7)]


def test_an_error_while_a_plate_is_made_comes_to_the_one_who_asked() -> None:
    def fail() -> Pressed:
        raise HandoutError.of("template-failed", "no", Place("week.html.j2", 3))

    for number in (1, 5):
        with pytest.raises(HandoutError, match=r"week\.html\.j2:3: error\[template-failed\]"):
            Rack().make({(name,): fail for name in range(number)})
