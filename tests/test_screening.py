"""No precaution that touches a client passes unseen, and nobody is cleared by mistake."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handouts.model.client import Client
from handouts.model.exercise import Exercise, Level
from handouts.model.programme import Override, Programme
from handouts.model.vocabulary import Condition
from handouts.problem import HandoutError
from handouts.screening import (
    Screened,
    explain_blocks,
    explain_finding,
    find_unused_overrides,
    screen_client,
    screen_clients,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

Rows = list[tuple[str, Level]]


def make_conditions(parents: dict[str, Sequence[str]]) -> dict[str, Condition]:
    return {
        slug: Condition(name=f"the {slug}", medical=slug, parents=tuple(above))
        for slug, above in parents.items()
    }


def make_exercise(slug: str, rows: Rows, instead: str | None = "Ask which.") -> Exercise:
    return Exercise.model_validate(
        {
            "slug": slug,
            "name": slug.title(),
            "summary": "Sit down.",
            "position": "standing",
            "muscles": {"primary": ["quadriceps"]},
            "steps": [{"title": "Sit", "do": ["Sit."]}],
            "progressions": [
                {"name": "Chair", "direction": "easier", "how": "Hold on."},
                {"name": "Wall", "direction": "easier", "how": "Hold on."},
                {"name": "Jump", "direction": "harder", "how": "Jump."},
            ],
            "avoid": [
                {"condition": condition, "level": level, "why": "It hurts.", "instead": instead}
                for condition, level in rows
            ],
        }
    )


def make_programme(slugs: Sequence[str], overrides: Sequence[Override] = ()) -> Programme:
    session = {"name": "A", "prescriptions": [{"exercise": slug} for slug in slugs]}
    return Programme.model_validate(
        {
            "slug": "plan",
            "title": "Plan",
            "goal": "Go.",
            "weeks": 4,
            "sessions": [session],
            "overrides": overrides,
        }
    )


def make_override(client: str, exercise: str, condition: str) -> Override:
    return Override(
        client=client,
        exercise=exercise,
        condition=condition,
        cleared_by="Dr Rao",
        on=date(2026, 11, 20),
        why="Healed.",
    )


PARENTS: dict[str, Sequence[str]] = {
    "back": (),
    "disc": ("back",),
    "surgery": ("back", "recent"),
    "recent": (),
    "knee": (),
}
CONDITIONS = make_conditions(PARENTS)


def screen(rows: Rows, *has: str, overrides: Sequence[Override] = ()) -> Screened:
    client = Client(id="sam", name="Sam", conditions=has)
    programme = make_programme(["squat"], overrides)
    (cell,) = screen_client(programme, {"squat": make_exercise("squat", rows)}, client, CONDITIONS)
    return cell


def test_a_precaution_for_the_condition_itself() -> None:
    cell = screen([("disc", Level.AVOID)], "disc")
    assert (cell.result, cell.blocked, cell.findings[0].relation) == ("avoid", True, "same")


def test_a_precaution_for_a_wider_condition_holds() -> None:
    cell = screen([("back", Level.AVOID)], "surgery")
    assert (cell.result, cell.blocked, cell.findings[0].relation) == ("avoid", True, "case-of")


@pytest.mark.parametrize(
    ("level", "result"),
    [(Level.AVOID, "ask-first"), (Level.ASK_FIRST, "ask-first"), (Level.ADAPT, "adapt")],
)
def test_who_names_only_the_wider_condition_is_asked(level: Level, result: str) -> None:
    cell = screen([("disc", level)], "back")
    assert (cell.result, cell.blocked, cell.findings[0].relation) == (result, False, "may-be")


def test_a_sister_condition_is_none_of_it() -> None:
    assert screen([("disc", Level.AVOID)], "surgery", "knee").result == "ok"
    assert screen([("disc", Level.AVOID)]).findings == ()


def test_the_gravest_comes_first() -> None:
    rows = [("knee", Level.ADAPT), ("recent", Level.ASK_FIRST), ("back", Level.AVOID)]
    cell = screen(rows, "knee", "surgery")
    assert [found.level for found in cell.findings] == ["avoid", "ask-first", "adapt"]


def test_an_override_clears_one_condition_of_one_client_in_one_exercise() -> None:
    rows = [("back", Level.AVOID)]
    good = make_override("sam", "squat", "disc")
    cleared = screen(rows, "disc", overrides=[good])
    assert (cleared.result, cleared.blocked, cleared.findings[0].override) == (
        "cleared",
        False,
        good,
    )
    # Cleared with a disc; then came surgery.
    assert screen(rows, "disc", "surgery", overrides=[good]).blocked
    for wrong in (("tom", "squat", "disc"), ("sam", "lunge", "disc"), ("sam", "squat", "back")):
        assert screen(rows, "disc", overrides=[make_override(*wrong)]).blocked


def test_an_override_that_clears_nothing_is_found() -> None:
    overrides = [make_override("sam", "squat", "knee"), make_override("sam", "squat", "disc")]
    programme = make_programme(["squat"], overrides)
    cell = screen([("back", Level.AVOID)], "disc", overrides=overrides)
    assert find_unused_overrides(programme, [cell]) == (0,)


@pytest.mark.parametrize("where", ["client", "exercise", "override"])
def test_a_condition_that_is_unknown_stops_the_work(where: str) -> None:
    has = "gone" if where == "client" else "knee"
    row = "gone" if where == "exercise" else "knee"
    override = make_override("sam", "squat", "gone" if where == "override" else "knee")
    with pytest.raises(HandoutError, match="unknown-condition"):
        screen([(row, Level.AVOID)], has, overrides=[override])


def test_the_reason_names_the_alternative() -> None:
    cell = screen([("disc", Level.AVOID)], "back")
    assert explain_finding(cell.findings[0], CONDITIONS) == (
        "the back, which may be the disc: It hurts. "
        "Anyone with the disc must not do it: find out which it is. Ask which."
    )
    exercise = make_exercise("squat", [("back", Level.ADAPT), ("back", Level.AVOID)], None)
    client = Client(id="sam", name="Sam", conditions=("disc",))
    (cell,) = screen_client(make_programme(["squat"]), {"squat": exercise}, client, CONDITIONS)
    said = [explain_finding(found, CONDITIONS) for found in cell.findings]
    assert said == [
        "the disc (counts as the back): It hurts.",
        "the disc (counts as the back): It hurts. Easier: Wall.",
    ]
    blocks = [str(problem) for problem in explain_blocks([cell], CONDITIONS)]
    assert len(blocks) == 1
    assert blocks[0].startswith("error[must-avoid] sam must avoid squat: the disc (counts as")


NAMES = ("a", "b", "c", "d", "e", "f")


@st.composite
def vocabularies(draw: st.DrawFn) -> dict[str, list[str]]:
    """Any graph of parents, circles and parents that are missing included."""
    return {
        name: draw(st.lists(st.sampled_from((*NAMES, "missing")), max_size=3, unique=True))
        for name in NAMES
    }


def is_case_of(parents: dict[str, list[str]], narrow: str, wide: str) -> bool:
    """Say by Warshall's closure, not by the walk under test, whether one is a case of the other."""
    names = [*parents, "missing"]
    reach = {(child, parent) for child, above in parents.items() for parent in above}
    for middle in names:
        for begin in names:
            for end in names:
                if (begin, middle) in reach and (middle, end) in reach:
                    reach.add((begin, end))
    return narrow == wide or (narrow, wide) in reach


LEVELS = st.sampled_from([*Level])
ROWS = st.lists(st.tuples(st.sampled_from(NAMES), LEVELS), max_size=5)
CLIENTS = st.lists(st.lists(st.sampled_from(NAMES), max_size=4), min_size=1, max_size=3)
OVERRIDES = st.lists(
    st.tuples(
        st.sampled_from(("c0", "c1", "C0")),
        st.sampled_from(("squat", "lunge")),
        st.sampled_from(NAMES),
    ),
    max_size=4,
)


@settings(max_examples=400)
@given(parents=vocabularies(), squat=ROWS, lunge=ROWS, people=CLIENTS, cleared=OVERRIDES)
def test_no_avoid_passes_unseen(
    parents: dict[str, list[str]],
    squat: Rows,
    lunge: Rows,
    people: list[list[str]],
    cleared: list[tuple[str, str, str]],
) -> None:
    conditions = make_conditions(dict(parents))
    exercises = {"squat": make_exercise("squat", squat), "lunge": make_exercise("lunge", lunge)}
    clients = [
        Client(id=f"c{n}", name="Sam", conditions=tuple(has)) for n, has in enumerate(people)
    ]
    programme = make_programme(["squat", "lunge"], [make_override(*each) for each in cleared])
    cells = screen_clients(programme, exercises, clients, conditions)
    assert [(cell.client, cell.exercise.slug) for cell in cells] == [
        (client, slug) for client in clients for slug in ("squat", "lunge")
    ]
    for cell in cells:
        must_stop = False
        for has in cell.client.conditions:
            for row in cell.exercise.avoid:
                seen = [
                    found for found in cell.findings if (found.has, found.precaution) == (has, row)
                ]
                holds = is_case_of(parents, has, row.condition)
                may_hold = is_case_of(parents, row.condition, has)
                assert bool(seen) == (holds or may_hold)
                if row.level is not Level.AVOID:
                    continue
                if holds:
                    assert seen[0].level is Level.AVOID
                    must_stop |= (cell.client.id, cell.exercise.slug, has) not in cleared
                elif may_hold:
                    assert seen[0].level is Level.ASK_FIRST
        assert cell.blocked == must_stop
        assert (cell.result == "avoid") == must_stop
        assert bool([*explain_blocks([cell], conditions)]) == must_stop
        assert (cell.result == "ok") == (cell.findings == ())
