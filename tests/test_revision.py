"""What has changed is what the client does otherwise now, and nothing of it passes unsaid."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handouts.model.change import (
    KINDS,
    About,
    Added,
    DaysChanged,
    DoseChanged,
    GoalChanged,
    LeftOut,
    Moved,
    NoteChanged,
    OverrideGiven,
    OverrideWithdrawn,
    ReadyChanged,
    RungChanged,
    SessionAdded,
    SessionRemoved,
    SessionRenamed,
    SideChanged,
    WeeksChanged,
)
from handouts.model.dose import parse_dose
from handouts.model.exercise import Exercise
from handouts.model.programme import (
    BodySide,
    Override,
    Programme,
    Weekday,
    prescribe_week,
)
from handouts.problem import Report
from handouts.revision import compare_programmes
from handouts.source.programme import read_programme
from handouts.source.vocabulary import read_vocabulary
from handouts.source.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Mapping

    from handouts.model.change import Change

LEFT, RIGHT = BodySide.LEFT, BodySide.RIGHT


def make_exercise(slug: str, start: str = "1 × 5 each leg", rung: str = "3 × 5") -> Exercise:
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
                {"name": "Jump", "direction": "harder", "how": "Jump.", "dose": rung},
            ],
            "avoid": [],
            "dose": {"start": start, "strength": "2 × 8 each leg"},
        }
    )


EXERCISES = {slug: make_exercise(slug) for slug in ("squat", "lunge", "plank")}


def plan(*sessions: tuple[str, list[dict[str, Any]]], **changed: Any) -> Programme:  # noqa: ANN401
    """Return a programme of four weeks; rows are short: ``{"squat": "2 × 8"}`` or all keys."""
    data = {
        "slug": "plan",
        "title": "Plan",
        "goal": "Go.",
        "weeks": 4,
        "sessions": [{"name": name, "prescriptions": rows} for name, rows in sessions],
    }
    return Programme.model_validate({**data, **changed})


def row(exercise: str = "squat", **said: Any) -> dict[str, Any]:  # noqa: ANN401
    return {"exercise": exercise, **said}


def week(number: int, **said: Any) -> dict[str, Any]:  # noqa: ANN401
    return {"week": number, **said}


def compare(before: Programme, after: Programme) -> list[Change]:
    return list(compare_programmes(before, after, EXERCISES, EXERCISES))


def compare_row(before: dict[str, Any], after: dict[str, Any]) -> list[Change]:
    return compare(plan(("A", [before])), plan(("A", [after])))


SQUAT = About("squat", "Squat")
TWO_OF_8, THREE_OF_8 = parse_dose("2 × 8"), parse_dose("3 × 8")


@pytest.mark.parametrize(
    ("before", "after", "changes"),
    [
        (row(dose="2 × 8"), row(dose="3 × 8"), [DoseChanged(SQUAT, 1, TWO_OF_8, THREE_OF_8)]),
        (row(), row(dose="3 × 8"), [DoseChanged(SQUAT, 1, None, THREE_OF_8)]),
        (row(dose="2 × 8"), row(), [DoseChanged(SQUAT, 1, TWO_OF_8, None)]),
        (row(), row(rung="Chair"), [RungChanged(SQUAT, 1, None, "Chair")]),
        (row(rung="chair"), row(rung="Chair"), []),
        (row(purpose="strength"), row(dose="2 × 8 each leg"), []),
        (row(rung="Jump"), row(rung="Jump", dose="3 × 5"), []),
        (row(note="Sit\n  up."), row(note="Sit up."), []),
        (row(note="Sit."), row(), [NoteChanged(SQUAT, "Sit.", None)]),
    ],
)
def test_the_meaning_of_week_1_is_compared(
    before: dict[str, Any], after: dict[str, Any], changes: list[Change]
) -> None:
    assert compare_row(before, after) == changes


def test_one_side_instead_of_each_is_said_once() -> None:
    left = About("squat", "Squat", LEFT)
    assert compare_row(row(purpose="strength"), row(purpose="strength", side="left")) == [
        SideChanged(left, None, LEFT)
    ]
    assert compare_row(row(dose="2 × 8", side="left"), row(dose="3 × 8", side="right")) == [
        DoseChanged(About("squat", "Squat", RIGHT), 1, TWO_OF_8, THREE_OF_8),
        SideChanged(About("squat", "Squat", RIGHT), LEFT, RIGHT),
    ]


def test_a_later_week_is_said_where_it_parts_from_before() -> None:
    begin = {"dose": "2 × 8"}
    third = row(**begin, progression=[week(3, dose="3 × 8")])
    assert compare_row(row(**begin), third) == [DoseChanged(SQUAT, 3, TWO_OF_8, THREE_OF_8)]
    # Another start, the same week 3: only the start is said.
    assert compare_row(third, row(dose="1 × 8", progression=[week(3, dose="3 × 8")])) == [
        DoseChanged(SQUAT, 1, TWO_OF_8, parse_dose("1 × 8"))
    ]
    # A week later: week 3 is as weeks 1 and 2 were, and week 4 begins something.
    fourth = row(**begin, progression=[week(4, dose="3 × 8", rung="Chair", ready_when="You sit.")])
    assert compare_row(third, fourth) == [
        DoseChanged(SQUAT, 3, THREE_OF_8, TWO_OF_8),
        DoseChanged(SQUAT, 4, THREE_OF_8, THREE_OF_8),
        RungChanged(SQUAT, 4, None, "Chair"),
        ReadyChanged(SQUAT, 4, None, "You sit."),
    ]
    # More from the beginning, and it goes back to what it was.
    back = row(dose="3 × 8", progression=[week(2, dose="2 × 8")])
    assert compare_row(row(**begin), back) == [
        DoseChanged(SQUAT, 1, TWO_OF_8, THREE_OF_8),
        DoseChanged(SQUAT, 2, TWO_OF_8, TWO_OF_8),
    ]


def test_a_week_that_is_new_is_compared_with_nothing() -> None:
    rows = [row(dose="2 × 8", progression=[week(6, dose="3 × 8", rung="Chair")])]
    changes = compare(plan(("A", rows)), plan(("A", rows), weeks=6))
    assert changes == [
        DoseChanged(SQUAT, 6, None, THREE_OF_8, is_new_week=True),
        RungChanged(SQUAT, 6, None, "Chair", is_new_week=True),
        WeeksChanged(4, 6),
    ]
    # Weeks that are gone are not named one by one.
    assert compare(plan(("A", rows), weeks=6), plan(("A", rows))) == [WeeksChanged(6, 4)]


def test_a_dose_that_changed_in_the_exercises_file_is_a_change() -> None:
    said = plan(("A", [row(purpose="start"), row("lunge", rung="Jump")]))
    now = EXERCISES | {
        "squat": make_exercise("squat", start="2 × 5 each leg"),
        "lunge": make_exercise("lunge", rung="3 × 8"),
    }
    changes = compare_programmes(said, said, EXERCISES, now)
    assert changes == (
        DoseChanged(SQUAT, 1, parse_dose("1 × 5 each leg"), parse_dose("2 × 5 each leg")),
        DoseChanged(About("lunge", "Lunge"), 1, parse_dose("3 × 5"), THREE_OF_8),
    )


def test_all_kinds_come_in_their_order() -> None:
    def override(client: str, why: str = "Healed.") -> Override:
        return Override(
            client=client,
            exercise="squat",
            condition="disc",
            cleared_by="Dr Rao",
            on=date(2026, 11, 20),
            why=why,
        )

    before = plan(
        ("A", [row(dose="2 × 8", note="Old."), row("lunge")]),
        ("Gone", [row("lunge")]),
        overrides=[override("ann"), override("bo"), override("cy")],
    )
    after = plan(
        ("A", [row("plank")]),
        (
            "B",
            [
                row(
                    side="left",
                    dose="3 × 8",
                    rung="Chair",
                    note="New.",
                    progression=[week(2, dose="2 × 8", ready_when="You sit.")],
                )
            ],
        ),
        weeks=6,
        goal="Run.",
        overrides=[override("ann"), override("cy", "Well."), override("dee")],
    )
    after = after.model_copy(
        update={
            "sessions": (
                after.sessions[0].model_copy(update={"days": (Weekday.MONDAY,)}),
                after.sessions[1],
            )
        }
    )
    squat = About("squat", "Squat", LEFT)
    assert compare(before, after) == [
        LeftOut(About("lunge", "Lunge", session="A")),
        LeftOut(About("lunge", "Lunge", session="Gone")),
        Added(About("plank", "Plank")),
        OverrideWithdrawn(SQUAT, override("bo")),
        OverrideGiven(SQUAT, override("cy", "Well.")),
        OverrideGiven(SQUAT, override("dee")),
        DoseChanged(squat, 1, TWO_OF_8, THREE_OF_8),
        RungChanged(squat, 1, None, "Chair"),
        SideChanged(squat, None, LEFT),
        NoteChanged(squat, "Old.", "New."),
        DoseChanged(squat, 2, TWO_OF_8, TWO_OF_8),
        ReadyChanged(squat, 2, None, "You sit."),
        Moved(squat, "A", "B"),
        SessionRemoved("Gone"),
        SessionAdded("B"),
        DaysChanged("A", (), (Weekday.MONDAY,)),
        WeeksChanged(4, 6),
        GoalChanged("Go.", "Run."),
    ]


def test_a_session_keeps_itself_under_another_name() -> None:
    rows = [row("squat"), row("lunge")]
    before = plan(("Mornings", rows), ("B", [row("plank")]))
    after = plan(("b", [row("plank")]), ("Evenings", [*rows, row("plank")]))
    assert compare(before, after) == [
        Added(About("plank", "Plank", session="Evenings")),
        SessionRenamed("Mornings", "Evenings"),
    ]
    other = plan(("Evenings", [row("squat"), row("plank")]), ("B", [row("plank")]))
    assert SessionRemoved("Mornings") in compare(before, other)


def test_the_leave_for_an_exercise_that_was_left_out_is_not_worth_a_word() -> None:
    override = Override(
        client="ann",
        exercise="lunge",
        condition="disc",
        cleared_by="Dr Rao",
        on=date(2026, 11, 20),
        why="Healed.",
    )
    before = plan(("A", [row(), row("lunge")]), overrides=[override])
    assert compare(before, plan(("A", [row()]))) == [LeftOut(About("lunge", "Lunge"))]


def test_twins_are_told_apart_by_side_session_or_rung() -> None:
    before = plan(("A", [row(side="left"), row(side="right")]))
    after = plan(("A", [row(side="right", dose="2 × 8"), row(side="left")]))
    assert compare(before, after) == [
        DoseChanged(About("squat", "Squat", RIGHT), 1, None, TWO_OF_8)
    ]
    before = plan(("A", [row(rung="Chair"), row()]))
    after = plan(("A", [row(), row(rung="Chair", dose="2 × 8")]))
    assert compare(before, after) == [
        DoseChanged(About("squat", "Squat", rung="Chair"), 1, None, TWO_OF_8)
    ]


def test_the_shipped_programmes_have_not_changed_from_themselves() -> None:
    workspace, report = Workspace(), Report()
    vocabulary = read_vocabulary(workspace, report)
    for slug, file in workspace.programme_files().items():
        planned = read_programme(file, f"{slug}.yaml", workspace, vocabulary, report)
        assert planned
        programme, exercises = planned.programme, planned.exercises
        assert compare_programmes(programme, programme, exercises, exercises) == ()
        # A rung that is left out somewhere is seen.
        plain = programme.model_copy(
            update={
                "sessions": tuple(
                    session.model_copy(
                        update={
                            "prescriptions": tuple(
                                each.model_copy(update={"rung": None})
                                for each in session.prescriptions
                            )
                        }
                    )
                    for session in programme.sessions
                )
            }
        )
        changes = compare_programmes(programme, plain, exercises, exercises)
        seen = {found.about.exercise for found in changes if isinstance(found, RungChanged)}
        assert seen == {
            each.exercise
            for session in programme.sessions
            for each in session.prescriptions
            if each.rung
        }


OTHER_FILES = EXERCISES | {"squat": make_exercise("squat", start="2 × 8")}
SLUGS = st.sampled_from(("squat", "lunge"))
DOSES = st.sampled_from(("2 × 8", "3 × 8", "2 × 8 each leg", "1 × 5 each leg"))
RUNGS = st.sampled_from((None, "Chair", "jump"))
AMOUNTS: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.builds(dict[str, Any]),
    st.fixed_dictionaries({"dose": DOSES}),
    st.fixed_dictionaries({"purpose": st.sampled_from(("start", "strength"))}),
)
CRITERIA = st.sampled_from((None, "You sit.", "You stand."))


@st.composite
def rows(draw: st.DrawFn) -> dict[str, Any]:
    """Any prescription, its later weeks included."""
    stages = []
    for number in draw(st.lists(st.integers(2, 7), max_size=3, unique=True).map(sorted)):
        said = draw(AMOUNTS) | {"rung": draw(RUNGS)}
        if any(said.values()):
            stages.append(week(number, ready_when=draw(CRITERIA), **said))
    return row(
        draw(SLUGS),
        **draw(AMOUNTS),
        rung=draw(RUNGS),
        side=draw(st.sampled_from((None, "left", "right"))),
        note=draw(st.sampled_from((None, "Sit."))),
        progression=stages,
    )


SESSIONS = st.tuples(st.sampled_from("ABC"), st.lists(rows(), min_size=1, max_size=4))
PLANS = st.builds(
    lambda sessions, weeks: plan(*sessions, weeks=weeks),
    st.lists(SESSIONS, min_size=1, max_size=3),
    st.integers(1, 8),
)


def list_meant(
    programme: Programme, exercises: Mapping[str, Exercise], slug: str, weeks: int
) -> list[str]:
    """Return what each prescription of an exercise means week by week, in no order."""
    return sorted(
        str(
            [
                (str(meant.dose), meant.rung and meant.rung.name, each.side)
                for number in range(1, weeks + 1)
                if (meant := prescribe_week(each, exercises[slug], number))
            ]
        )
        for session in programme.sessions
        for each in session.prescriptions
        if each.exercise == slug
    )


@settings(max_examples=150, deadline=None)
@given(before=PLANS, after=PLANS, now=st.sampled_from((EXERCISES, OTHER_FILES)))
def test_no_other_dose_or_rung_of_any_week_passes_unsaid(
    before: Programme, after: Programme, now: dict[str, Exercise]
) -> None:
    changes = compare_programmes(before, after, EXERCISES, now)
    named = {found.about.exercise for found in changes if hasattr(found, "about")}
    weeks = min(before.weeks, after.weeks)
    for slug in EXERCISES:
        if slug not in named:
            meant_before = list_meant(before, EXERCISES, slug, weeks)
            assert meant_before == list_meant(after, now, slug, weeks)
    assert any(isinstance(found, WeeksChanged) for found in changes) == (
        before.weeks != after.weeks
    )
    assert set(map(type, changes)) <= set(KINDS)


@settings(max_examples=80, deadline=None)
@given(PLANS)
def test_a_programme_has_not_changed_from_itself(programme: Programme) -> None:
    assert compare(programme, programme) == []
    # Nor by being written another way: each dose in full instead of by its purpose.
    assert compare(programme, spell_out(programme)) == []


def spell_out(programme: Programme) -> Programme:
    """Return the programme with the dose of each purpose written where its purpose stood."""

    def spell(said: Any) -> Any:  # noqa: ANN401  a prescription or a stage
        if said.purpose is None:
            return said
        return said.model_copy(
            update={"dose": EXERCISES["squat"].dose[said.purpose], "purpose": None}
        )

    return programme.model_copy(
        update={
            "sessions": tuple(
                session.model_copy(
                    update={
                        "prescriptions": tuple(
                            spell(each).model_copy(
                                update={"progression": tuple(map(spell, each.progression))}
                            )
                            for each in session.prescriptions
                        )
                    }
                )
                for session in programme.sessions
            )
        }
    )
